/** @file Before the tests of the built package, and of pages that users write with it. */
import type { TestProject } from 'vitest/node';
import { begin } from '../builds.js';

export default (project: TestProject): (() => Promise<void>) => begin(project, 'build');
