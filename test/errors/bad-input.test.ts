/** @file What a user reads after a mistake: each message, word for word. */
import { expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { ones, tensor, zeros } from '../../src/index.js';

const x = (requiresGrad = true) => tensor([1, 2, 3], { requiresGrad });

test.each<[string, () => unknown, string]>([
  [
    'matmul',
    () => ones([3, 4]).matmul(ones([5, 4])),
    'matmul: inner sizes differ: [3, 4] x [5, 4] (4 != 5); did you mean transpose(b)?',
  ],
  [
    'matmul of a scalar',
    () => ones([]).matmul(ones([2])),
    'matmul: needs vectors or matrices, got [] x [2]; use mul()',
  ],
  [
    'broadcasting',
    () => ones([2, 3]).add(ones([4])),
    'add: cannot broadcast [2, 3] with [4] (3 != 4 on axis -1); sizes must be equal or 1, counted from the last axis',
  ],
  [
    'concat',
    () => cg.concat([ones([2, 3]), ones([3, 3])], { axis: 1 }),
    'concat: shapes must agree but for axis 1, got [2, 3] and [3, 3]',
  ],
  [
    'reshape',
    () => ones([2, 3]).reshape([4, -1]),
    'reshape: cannot give [2, 3] (6 elements) the shape [4, -1] (4 x ? elements)',
  ],
  [
    'an index',
    () => cg.gather(ones([2, 3]), tensor([[0, 3]], { dtype: 'int32' })),
    'gather: indices must be from 0 to 2, got 3 at element 1',
  ],
  [
    'an index of another rank',
    () => cg.gather(ones([2, 3]), tensor([0], { dtype: 'int32' })),
    'gather: index and tensor must have one rank, and sizes fit but on axis 1, got [1] and [2, 3]',
  ],
  [
    'a label of too many classes',
    () => cg.oneHot(tensor([0, 4], { dtype: 'int32' }), 4),
    'oneHot: indices must be from 0 to 3, got 4 at element 1',
  ],
  ['sizes to split', () => cg.split(ones([5]), [2, 2]), 'split: sizes must add up to 5, got [2, 2]'],
  ['stack', () => cg.stack([ones([2]), ones([3])]), 'stack: shapes must be equal, got [2] and [3]'],
  ['pad', () => cg.pad(ones([2]), []), 'pad: needs [before, after] for each of the 1 axes, got an empty list'],
  ['clamp', () => cg.clamp(ones([2]), {}), 'clamp: needs min or max, got neither'],
  ['clamp the wrong way', () => cg.clamp(ones([2]), { min: 2, max: 1 }), 'clamp: min must not exceed max, got 2 and 1'],
  ['dropout', () => cg.dropout(ones([2]), { p: 1 }), 'dropout: p must be in [0, 1), got 1'],
  ['variance of one', () => ones([1]).variance(), 'variance: needs at least 2 elements, got 1'],
  ['the largest of none', () => zeros([0]).max(), 'max: needs at least one element, got shape [0]'],
  ['a norm', () => ones([2]).norm({ p: 0 }), 'norm: p must be 1 or more, got 0'],
  ['dot', () => cg.dot(ones([2]), ones([3])), 'dot: lengths differ: [2] and [3]'],
  ['an axis', () => ones([2, 3]).sum({ axis: 2 }), 'sum: axis 2 is out of range for rank 2; axes run from -2 to 1'],
  [
    'an axis of a scalar',
    () => ones([]).softmax(),
    'softmax: axis -1 is out of range for rank 0; a scalar has no axes',
  ],
  [
    'two types',
    () => ones([2]).mul(ones([2], { dtype: 'float64' })),
    "mul: types differ: float32 and float64; use cast(x, 'float32')",
  ],
  ['a float for int32', () => cg.arange(3).mul(0.5), "mul: 0.5 is no int32; use cast(x, 'float32')"],
  ['mean of nothing', () => zeros([0]).mean(), 'mean: needs at least one element, got shape [0]'],
  [
    'backward of a vector',
    () => x().mul(2).backward(),
    'backward: needs a scalar, got shape [3]; reduce it with sum() or mean(), or pass a gradient of that shape',
  ],
  [
    'backward of a constant',
    () => x(false).sum().backward(),
    'backward: nothing to differentiate: no input of this tensor has requiresGrad; was it made under noGrad, by detach(), or from int32 numbers only?',
  ],
  [
    'contrastiveLoss',
    () => cg.contrastiveLoss(ones([2, 3]), ones([2, 4]), [0, 1]),
    'contrastiveLoss: needs embeddings of one shape [N, D], got [2, 3] and [2, 4]',
  ],
  [
    'labels of pairs',
    () => cg.contrastiveLoss(ones([2, 3]), ones([2, 3]), [0, 2]),
    'contrastiveLoss: labels must be 0 or 1, got 2 at row 1',
  ],
  [
    'too few labels',
    () => cg.batchContrastiveLoss(ones([2, 3]), [0]),
    'batchContrastiveLoss: needs one label for each of the 2 rows, got shape [1]',
  ],
  [
    'batchContrastiveLoss',
    () => cg.batchContrastiveLoss(ones([3]), [0, 1, 1]),
    'batchContrastiveLoss: needs embeddings [N, D], got [3]',
  ],
  [
    'batchTripletLoss',
    () => cg.batchTripletLoss(ones([2, 3, 1]), [0, 1]),
    'batchTripletLoss: needs embeddings [N, D], got [2, 3, 1]',
  ],
  [
    'infoNCELoss',
    () => cg.infoNCELoss(ones([2, 3]), ones([2, 4])),
    'infoNCELoss: needs embeddings of one shape [N, D], got [2, 3] and [2, 4]',
  ],
  [
    'a margin',
    () => cg.tripletLoss(ones([2, 3]), ones([2, 3]), ones([2, 3]), { margin: -1 }),
    'tripletLoss: margin must be a positive finite number, got -1',
  ],
  [
    'tripletLoss',
    () => cg.tripletLoss(ones([2, 3]), ones([2, 3]), ones([1, 3])),
    'tripletLoss: needs embeddings of one shape [N, D], got [2, 3] and [2, 3] and [1, 3]',
  ],
  [
    'no triplet',
    () => cg.batchTripletLoss(ones([2, 3]), [1, 1]),
    "batchTripletLoss: the batch has no triplet (two rows of one class and one of another); sample other rows, or pass { onEmpty: 'zero' }",
  ],
  [
    'no pair',
    () => cg.batchContrastiveLoss(ones([1, 3]), [1]),
    "batchContrastiveLoss: the batch has no pair of rows; sample other rows, or pass { onEmpty: 'zero' }",
  ],
  [
    'a temperature',
    () => cg.infoNCELoss(ones([2, 3]), ones([2, 3]), { temperature: 0 }),
    'infoNCELoss: temperature must be a positive finite number, got 0',
  ],
  ['one row in a batch', () => cg.infoNCELoss(ones([1, 3]), ones([1, 3])), 'infoNCELoss: needs at least 2 rows, got 1'],
  [
    'negatives',
    () => cg.infoNCELoss(ones([2, 3]), ones([2, 3]), { negatives: ones([4, 2]) }),
    'infoNCELoss: negatives must be [K, 3] or [2, K, 3] with K at least 1, got [4, 2]',
  ],
  [
    'mutualInformationLoss',
    () => cg.mutualInformationLoss(ones([2, 3]), ones([3, 3])),
    'mutualInformationLoss: needs embeddings of one shape [N, D], got [2, 3] and [3, 3]',
  ],
  [
    'a reduction',
    () => cg.tripletLoss(ones([2, 3]), ones([2, 3]), ones([2, 3]), { reduction: 'max' as 'sum' }),
    "tripletLoss: reduction must be 'mean', 'sum' or 'none', got \"max\"",
  ],
  ['ragged rows', () => tensor([[1, 2], [3]]), 'tensor: rows differ in length: expected 2 at [1], got 1'],
  ['a string', () => tensor([1, '2' as unknown as number]), 'tensor: elements must be numbers, got "2" at [1]'],
  [
    'a learning rate',
    () => new cg.optim.Adam([x()], { lr: -1 }),
    'Adam: lr must be a finite number, 0 or more, got -1',
  ],
  ['a layer', () => new cg.nn.Linear(3, 2).forward(ones([4, 5])), 'Linear: rows must have length 3, got shape [4, 5]'],
  [
    'a state',
    () => new cg.nn.Linear(3, 2).loadStateDict({ weight: ones([2, 3]) }),
    'loadStateDict: names differ: missing [bias], unknown []',
  ],
])('%s', (_, act, message) => {
  expect(act).toThrow(cg.ContragradError);
  expect(act).toThrow(new RegExp(`^${message.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`));
});
