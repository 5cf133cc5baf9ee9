/** @file The clock of the engines that run in this process. */

/**
 * Steps in bursts. `step(k)` does the k-th of all, `read(result)` gives the numbers of the last one of a burst, whose
 * reading is timed too: an engine that only queued its work would be found out.
 */
export function inBursts(step, read) {
  let done = 0;
  return async (count) => {
    const start = performance.now();
    let result;
    for (let k = 0; k < count; k++) result = step(done++);
    const figures = await read(result);
    return { seconds: (performance.now() - start) / 1000, figures };
  };
}
