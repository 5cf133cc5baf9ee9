/**
 * @file Exercise 1: how a gradient goes back through tanh.
 *
 * Grade it with `npm run exercises -- 1`; the page is docs/exercises/tanh.md.
 */

/**
 * The pull-back of y = tanh x. It is called in the backward pass, with the gradient of y, and returns the gradient of x.
 *
 * The derivative of tanh at x can be written with y alone; multiply it by what comes in.
 *
 * @param g - The gradient of y, a tensor of y's shape.
 * @param call - `out` is y; `inputs` holds x.
 * @returns The gradient of x, a tensor of the same shape.
 */
export function tanhPullBack(g, { out: y }) {
  throw new Error('write me');
}
