/**
 * @file Exercise 2: what was stretched on the way forward is summed on the way back.
 *
 * Grade it with `npm run exercises -- 2`; the page is docs/exercises/unbroadcasting.md.
 */

/**
 * Brings a gradient back to the shape that an input had before it was stretched.
 *
 * Shapes are aligned at their right ends: `[4]` was stretched to `[3, 4]` along a new axis 0, `[3, 1]` along its axis 1. Add up
 * the gradients of all copies. `g.sum({ axis: [0, 1] })` drops its axes, and with `keepDims: true` keeps them with size 1.
 *
 * @param g - The gradient of the stretched tensor.
 * @param shape - The shape before: an array of sizes, no longer than `g.shape`.
 * @returns The gradient of the input, a tensor of `shape`.
 */
export function unbroadcast(g, shape) {
  throw new Error('write me');
}
