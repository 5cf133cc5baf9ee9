/** @file Prints the programs that PyTorch is to run, always the same ones; `scripts/golden/programs.js` runs it. */
import fc from 'fast-check';
import { programs } from './arbitrary.js';

console.log(JSON.stringify(fc.sample(programs({ noise: false }), { seed: 20261124, numRuns: 40 })));
