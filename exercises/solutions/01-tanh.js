/** @file Solution 1: y' = 1 - y². */

/** The pull-back of y = tanh x: g ⊙ (1 - y²). */
export function tanhPullBack(g, { out: y }) {
  return g.mul(y.square().neg().add(1));
}
