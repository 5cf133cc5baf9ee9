/** @file Mutants that compute the same gradient, each with its proof; by file, place, original and mutated text. */

const symmetric = 'Both operands hold the same rows: the matrix is symmetric.';
const even = 'The distance depends on the size of the difference only, not on its sign.';
const twos = 'What has a partner of its class is one itself: the count is 0, where the sum is 0 too, or at least 2.';
const zero = 'The result is multiplied by 0: any finite factor or sum gives 0, and a gradient of 0.';

/** The proofs. */
export const EQUIVALENT: Record<string, string> = {
  'src/ops/transcendental.ts safeSqrtOp: 1 in where(isZero, 1, out) -> 2':
    'The quotient by the replacement is discarded by the outer choice, just where the replacement is chosen.',
  'src/ops/reduce.ts maxOp: 1 in where(equal(x, stretched(out)), 1, notEqual(x, x)) -> 2':
    'Where the largest is a number, all that equal it have the same share of their sum; where it is NaN, nothing equals it.',
  'src/ops/distance.ts pulls: mean(y.detach(), { axis: 0 }) -> sum(y.detach(), { axis: 0 })':
    'Distances, hence their gradients, do not change when all points are moved together, by whatever vector.',
  'src/losses/arguments.ts emptyLoss: mul(sum(embeddings), 0) -> mul(sum(embeddings), 0) x 1.001': zero,
  "src/losses/contrastive.ts batchContrastiveLoss: emptyLoss(name, embeddings, read.onEmpty, 'pair of rows') -> emptyLoss(name, embeddings, read.onEmpty, 'pair of rows') x 1.001":
    zero,
  'src/losses/contrastive.ts batchContrastiveLoss: less(expandDims(rows, 1), expandDims(rows, 0)) -> greater(expandDims(rows, 1), expandDims(rows, 0))':
    'Distances and equality of labels are symmetric: each pair stands once above and once below the diagonal.',
  'src/losses/triplet.ts lossOfDistances: emptyLoss(name, embeddings, onEmpty, missing) -> emptyLoss(name, embeddings, onEmpty, missing) x 1.001':
    zero,
  'src/losses/sup-con.ts supConLoss: 1 in maximum(sum(counted), 1) -> 2': twos,
  "src/losses/sup-con.ts supConLoss: emptyLoss(name, rows, onEmpty, 'positive') -> emptyLoss(name, rows, onEmpty, 'positive') x 1.001":
    zero,
  'src/losses/sup-con.ts supConLoss: matmul(scaled, z, { transposeB: true }) -> matmul(z, scaled, { transposeB: true })':
    symmetric,
  'src/losses/info-nce.ts ntXentLoss: matmul(div(z, temperature), z, { transposeB: true }) -> matmul(z, div(z, temperature), { transposeB: true })':
    symmetric,
  'src/losses/measures.ts measure: matmul(x, y, { transposeB: true }) -> matmul(y, x, { transposeB: true })': symmetric,
  'src/losses/measures.ts measure: sub(shifted, y) -> sub(y, shifted)': even,
  'src/losses/measures.ts measure: sub(expandDims(shifted, 1), expandDims(y, 0)) -> sub(expandDims(y, 0), expandDims(shifted, 1))':
    even,
  'src/losses/info-nce.ts inBatch: 0 in scores.shape[0] -> 1': 'The matrix of scores is square: both its sizes are N.',
};
