/** @file The tests of a file wait here for the built package. */
import { built } from '../builds.js';

await built('build');
