/** @file Solution 3: y ⊙ (g - Σ g ⊙ y), the sum along each row. */

/** The pull-back of softmax along the last axis. */
export function softmaxPullBack(g, { out: y }) {
  const mean = g.mul(y).sum({ axis: 1, keepDims: true });
  return y.mul(g.sub(mean));
}
