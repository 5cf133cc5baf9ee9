/** @file Grades answers one after the other, and ends those that do not end by themselves. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('child.js', import.meta.url));

/**
 * Grades files, and yields a verdict on each: see `grade`.
 *
 * @param jobs - Each an `index` into the exercises, from 0, and the `path` of the file with the answer.
 * @param seconds - How long one answer may take.
 */
export async function* gradeInTime(jobs, seconds = 10) {
  let child = null;
  try {
    for (const job of jobs) {
      child ??= fork(CHILD, { execArgv: [] });
      const verdict = await verdictOf(child, job, seconds);
      if (child.exitCode !== null || child.signalCode !== null) child = null;
      yield verdict;
    }
  } finally {
    child?.kill();
  }
}

function verdictOf(child, job, seconds) {
  return new Promise((resolve) => {
    let clock;
    let late = false;
    const end = (verdict) => {
      clearTimeout(clock);
      child.removeAllListeners();
      resolve(verdict);
    };
    child.on('message', ({ verdict }) => {
      if (verdict !== undefined) end(verdict);
      // The library is loaded by now: only the answer's own time counts.
      else
        clock = setTimeout(() => {
          late = true;
          child.kill('SIGKILL');
        }, seconds * 1000);
    });
    child.on('exit', () => {
      const feedback = late
        ? `your code does not end: it was stopped after ${seconds} seconds. Does a loop wait for something that nothing in it changes? A sum with keepDims: true leaves the number of axes as it is`
        : 'your code ends the program before it can be graded: leave out process.exit, and look at what is printed above';
      end({ status: 'wrong', feedback });
    });
    child.send(job);
  });
}
