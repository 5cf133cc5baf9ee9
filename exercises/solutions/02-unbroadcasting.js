/** @file Solution 2: sum over the axes that are new, and over those that had size 1. */

/** The gradient of a tensor of `shape` that was stretched to the shape of `g`. */
export function unbroadcast(g, shape) {
  const added = g.shape.length - shape.length;
  const stretched = g.shape.map((_, axis) => axis).filter((axis) => axis < added || shape[axis - added] === 1);
  return g.sum({ axis: stretched, keepDims: true }).reshape(shape);
}
