/**
 * @file A training process that saves a checkpoint after every step, goes on from the one that it finds, and says where it
 * starts and what it has saved. Arguments: the checkpoint's path, the number of steps, `compiled` or `eager`.
 */
import { existsSync } from 'node:fs';
import { manualSeed } from '../../src/index.js';
import { writeFileAtomically } from '../../src/io/index.js';
import { Run } from './run.js';

const [path, steps, mode] = process.argv.slice(2) as [string, string, string];
manualSeed(5);
const run = new Run({ optimizer: 'Adam', compiled: mode === 'compiled' }, 1);
if (existsSync(path)) await run.load(path);
console.log(`at ${run.steps}`);
while (run.steps < Number(steps)) {
  run.train(run.steps + 1);
  await run.save(path);
  console.log(`saved ${run.steps}`);
}
await writeFileAtomically(`${path}.state`, run.state);
