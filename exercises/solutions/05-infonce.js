/** @file Solution 5: log Σ exp s = max + log Σ exp (s - max), for each row. */

/** InfoNCE with the other rows' keys as negatives. */
export function infoNCE(query, key, temperature) {
  const scores = query.matmul(key, { transposeB: true }).div(temperature);
  const largest = scores.max({ axis: 1, keepDims: true });
  const logSum = scores
    .sub(largest)
    .exp()
    .sum({ axis: 1 })
    .log()
    .add(largest.squeeze({ axis: 1 }));
  const positive = query.mul(key).sum({ axis: 1 }).div(temperature);
  return logSum.sub(positive).mean();
}
