/**
 * @file Exercise 4: the triplet loss.
 *
 * Grade it with `npm run exercises -- 4`; the page is docs/exercises/triplet.md.
 */

/**
 * The triplet loss: the mean over the rows of max(‖a - p‖² - ‖a - n‖² + margin, 0).
 *
 * Write it in operations of tensors, as `anchor.sub(positive)`, `.square()`, `.sum({ axis: 1 })`, `.relu()`, `.mean()`: then its
 * gradient comes free.
 *
 * @param anchor - `[N, D]`.
 * @param positive - Of the anchor's kind, `[N, D]`.
 * @param negative - Of another kind, `[N, D]`.
 * @param margin - How much further the negative should be: a number.
 * @returns A scalar tensor.
 */
export function triplet(anchor, positive, negative, margin) {
  throw new Error('write me');
}
