/**
 * @file Exercise 3: how a gradient goes back through softmax.
 *
 * Grade it with `npm run exercises -- 3`; the page is docs/exercises/softmax.md.
 */

/**
 * The pull-back of y = softmax(x) along the last axis: each row of y is positive and sums to 1.
 *
 * Every score of a row moves every result of that row: ∂y_j/∂x_i = y_j (δ_ij - y_i). Put this into the sum over j, and it
 * becomes short: no matrix of derivatives is needed.
 *
 * @param g - The gradient of y, `[N, C]`.
 * @param call - `out` is y, `[N, C]`; `inputs` holds x.
 * @returns The gradient of x, `[N, C]`.
 */
export function softmaxPullBack(g, { out: y }) {
  throw new Error('write me');
}
