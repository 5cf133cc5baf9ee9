/**
 * @file Exercise 5: InfoNCE, with a log-sum-exp that does not overflow.
 *
 * Grade it with `npm run exercises -- 5`; the page is docs/exercises/infonce.md.
 */

/**
 * InfoNCE: with scores s_ij = q_i · k_j / temperature, the mean over i of log Σ_j exp s_ij - s_ii.
 *
 * The positive of query i is key i, so it stands on the diagonal; all other keys are its negatives. The sum runs over all
 * j, the positive too. Write the log-sum-exp yourself: `exp` of a score of 1000 is Infinity, so take the largest score of
 * each row out first, and put it back after the logarithm. `q.matmul(k, { transposeB: true })` is the table of all q_i · k_j.
 *
 * @param query - `[N, D]`, used as it is: not brought to length 1.
 * @param key - `[N, D]`, used as it is.
 * @param temperature - A positive number.
 * @returns A scalar tensor.
 */
export function infoNCE(query, key, temperature) {
  throw new Error('write me');
}
