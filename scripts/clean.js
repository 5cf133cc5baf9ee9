/** @file Removes the folders named on the command line: a build must not keep files that lost their source. */
import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2)) rmSync(folder, { recursive: true, force: true });
