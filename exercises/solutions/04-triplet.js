/** @file Solution 4: a difference of squared distances, reaching into the margin or not. */

/** The mean over the rows of max(‖a - p‖² - ‖a - n‖² + margin, 0). */
export function triplet(anchor, positive, negative, margin) {
  const near = anchor.sub(positive).square().sum({ axis: 1 });
  const far = anchor.sub(negative).square().sum({ axis: 1 });
  return near.sub(far).add(margin).relu().mean();
}
