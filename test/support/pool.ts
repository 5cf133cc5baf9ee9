/** @file Work that is done beside other work, without more of it at once than there are cores. */
import { availableParallelism } from 'node:os';

let free: number = availableParallelism();
const waiting: (() => void)[] = [];

/** Does a piece of work as soon as a core is free. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free--;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}
