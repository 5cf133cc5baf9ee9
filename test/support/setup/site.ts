/** @file Before the tests of the built site. */
import type { TestProject } from 'vitest/node';
import { begin } from '../builds.js';
import { BASE } from '../site.js';

export default (project: TestProject): (() => Promise<void>) => begin(project, 'docs:site', { SITE_BASE: BASE });
