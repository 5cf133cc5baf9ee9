/** @file Typical mistakes in the exercises 1 to 3, and the words that must name each. */
import type * as Contragrad from '../../src/index.js';
import { type Mistake, num, one, rows, SIGNS, tensorOf } from './mistake.js';

type Tensor = Contragrad.Tensor;
type Call = Contragrad.Call<readonly [Tensor], undefined>;

type PullBack = (g: Tensor, call: Call) => Tensor;
const pullBack = (title: string, says: string, answer: PullBack): Mistake => [title, says, answer];

/** In the pull-back of tanh. */
export const tanh: readonly Mistake[] = [
  pullBack('y', 'your slope is y where 1 - y² is expected: did you forget to square', (g, { out }) => g.mul(out)),
  pullBack('1 - y', 'your slope is 1 - y where 1 - y² is expected: did you forget to square?', (g, { out }) =>
    g.mul(one(out)),
  ),
  pullBack('g is forgotten', 'g, the gradient that comes in, is missing', (_, { out }) => one(out.square())),
  pullBack('g is forgotten and the square too', 'did you forget to square? And g', (_, { out }) => one(out)),
  pullBack('g is added', 'the chain rule multiplies', (g, { out }) => g.add(one(out.square()))),
  pullBack('x is squared', 'square the result y, not the input x', (g, { inputs: [x] }) => g.mul(one(x.square()))),
  pullBack('tanh is taken twice', 'do not take it twice', (g, { out }) => g.mul(one(out.tanh().square()))),
  pullBack('the sign', 'the sign is turned round', (g, { out }) => g.mul(out.square().sub(1))),
  pullBack('the sigmoid', 'that is the derivative of the sigmoid', (g, { out }) => g.mul(out).mul(one(out))),
  pullBack('g is squared', 'your slope is 1 - g²', (g) => g.mul(one(g.square()))),
  pullBack('g twice', 'g stands in your gradient twice', (g, { out }) => g.mul(g).mul(one(out.square()))),
  pullBack('the minus of everything', 'your slope is -(1 + y²)', (g, { out }) => g.mul(out.square().add(1).neg())),
  pullBack('g is detached', 'no gradient flows back to g', (g, { out }) => g.detach().mul(one(out.square()))),
  pullBack('reckons with signs', SIGNS, (g, { out }) => g.mul(1 - num(out) ** 2)),
  pullBack('adds with a sign', SIGNS, (g, { out }) => g.mul(tensorOf(num(out.square().neg()) + 1))),
  pullBack('twice too much', 'your gradient is 2 times what is expected', (g, { out }) =>
    g.mul(one(out.square())).mul(2),
  ),
  pullBack('summed', 'has shape [] where [3, 4] is wanted', (g, { out }) => g.mul(one(out.square())).sum()),
  pullBack('a power that no list knows', 'is expected', (g, { out }) => g.mul(one(out.square().mul(out)))),
  pullBack('detached', 'the gradient of the gradient is not: numbers were taken out', (g, { out }) =>
    g.mul(one(out.detach().square())),
  ),
];

type Unbroadcast = (g: Tensor, shape: readonly number[]) => Tensor;
const back = (title: string, says: string, answer: Unbroadcast): Mistake => [title, says, answer];
const newAxes = (g: Tensor, shape: readonly number[]): number[] =>
  g.shape.map((_, axis) => axis).slice(0, g.rank - shape.length);
const stretched = (g: Tensor, shape: readonly number[]): number[] => [
  ...newAxes(g, shape),
  ...g.shape.map((_, axis) => axis).filter((axis) => shape[axis - g.rank + shape.length] === 1),
];

/** In un-broadcasting. */
export const unbroadcasting: readonly Mistake[] = [
  back('nothing is summed', 'the sum over the broadcast axis 0 is missing: shape [3, 4] where [4] is wanted', (g) => g),
  back('all is summed', 'over the broadcast axis 0 only; the axis is named, g.sum({ axis: 0 })', (g) => g.sum()),
  back('the wrong axis', 'you sum over axis 1 where axis 0 was stretched', (g) => g.sum({ axis: 1 })),
  back('the wrong axis of a square', 'aligned at their right ends', (g, shape) =>
    g.shape[0] === g.shape[1] ? g.sum({ axis: 1 }).reshape([...shape]) : g.sum({ axis: 0 }),
  ),
  back('the mean', 'you take the mean of the copies', (g, shape) =>
    g.mean({ axis: stretched(g, shape) }).reshape([...shape]),
  ),
  back('the first copy', 'the first copy only', (g, shape) =>
    g.slice({ ends: g.shape.map((size, axis) => (stretched(g, shape).includes(axis) ? 1 : size)) }).reshape([...shape]),
  ),
  back('axes of size 1 are forgotten', 'An axis that had size 1 was stretched too', (g, shape) =>
    g.sum({ axis: newAxes(g, shape) }),
  ),
  back('one new axis only', 'only one of the 2 new axes is summed: shape [3, 4] where [4] is wanted', (g, shape) =>
    g.rank > shape.length ? g.sum({ axis: 0 }) : g,
  ),
  back(
    'axes of size 1 are lost',
    'axis 1 had size 1 and must stay: shape [3] where [3, 1] is wanted. keepDims: true keeps it',
    (g, shape) => g.sum({ axis: stretched(g, shape) }),
  ),
  back(
    'sizes are compared without the new axes',
    '[3, 1] was stretched to [2, 3, 4] along axes 0 and 2, you summed over axes 0 and 1. Shapes are aligned at their right ends: axis i of g is axis i - added',
    (g, shape) =>
      g
        .sum({
          axis: g.shape.map((_, axis) => axis).filter((axis) => axis < g.rank - shape.length || shape[axis] === 1),
          keepDims: true,
        })
        .reshape([...shape]),
  ),
  back('aligned at the left', '[4] was stretched to [3, 4] along axis 0, you summed over axis 1', (g, shape) =>
    g
      .sum({
        axis: g.shape.map((_, axis) => axis).filter((axis) => axis >= shape.length || shape[axis] === 1),
        keepDims: true,
      })
      .reshape([...shape]),
  ),
  back('g is detached', 'no gradient flows back to g', (g, shape) =>
    g
      .detach()
      .sum({ axis: stretched(g, shape), keepDims: true })
      .reshape([...shape]),
  ),
  back('new axes stay', 'the new axis 0 is still there, with size 1: shape [1, 4] where [4] is wanted', (g, shape) =>
    g.sum({ axis: stretched(g, shape), keepDims: true }),
  ),
];

/** In the pull-back of softmax. */
export const softmax: readonly Mistake[] = [
  pullBack('the sum is forgotten', 'your gradient is g ⊙ y: the sum is missing', (g, { out }) => g.mul(out)),
  pullBack('the diagonal only', 'only the diagonal of the matrix of derivatives', (g, { out }) =>
    g.mul(out).mul(one(out)),
  ),
  pullBack('the sum of g', 'the sum is of g alone', (g, { out }) => out.mul(g.sub(g.sum(rows)))),
  pullBack('the mean of g', 'weight it with y', (g, { out }) => out.mul(g.sub(g.mean(rows)))),
  pullBack('the whole matrix', 'the sum runs over the whole matrix', (g, { out }) => out.mul(g.sub(g.mul(out).sum()))),
  pullBack('columns', 'the sum runs down the columns', (g, { out }) =>
    out.mul(g.sub(g.mul(out).sum({ axis: 0, keepDims: true }))),
  ),
  pullBack('the axis is lost', 'keepDims: true keeps them as [N, 1]. The engine says "sub: ', (g, { out }) =>
    out.mul(g.sub(g.mul(out).sum({ axis: 1 }))),
  ),
  pullBack('the axis is lost in a square', 'are taken off the columns: keepDims', (g, { out }) => {
    const sum = g.mul(out).sum({ axis: 1 });
    return out.mul(g.sub(out.shape[0] === out.shape[1] ? sum : sum.expandDims(1)));
  }),
  pullBack('softmax twice', 'y is the softmax of x already', (g, { out }) => {
    const y = out.softmax();
    return y.mul(g.sub(g.mul(y).sum(rows)));
  }),
  pullBack('x for y', 'that is the rule with x in place of y', (g, { inputs: [x] }) =>
    x.mul(g.sub(g.mul(x).sum(rows))),
  ),
  pullBack('y twice', 'the outer factor y stands there twice', (g, { out }) =>
    out.square().mul(g.sub(g.mul(out).sum(rows))),
  ),
  pullBack('y twice, in the bracket', 'in the bracket it is g alone', (g, { out }) =>
    out.mul(g.mul(out).sub(g.mul(out).sum(rows))),
  ),
  pullBack('the rule of log-softmax', 'that is the rule of log-softmax', (g, { out }) => g.sub(out.mul(g.sum(rows)))),
  pullBack('g is detached in the sum', 'no gradient flows back to g', (g, { out }) =>
    out.mul(g.sub(g.detach().mul(out).sum(rows))),
  ),
  pullBack('reckons with signs', SIGNS, (g, { out }) => out.mul(num(g) - num(g.mul(out).sum(rows)))),
  pullBack('y is not a factor', 'the outer factor y is missing', (g, { out }) => g.sub(g.mul(out).sum(rows))),
  pullBack('the bracket', 'the sum must be multiplied by y too', (g, { out }) => g.mul(out).sub(g.mul(out).sum(rows))),
  pullBack('the sign', 'the sign of the sum is turned round', (g, { out }) => out.mul(g.add(g.mul(out).sum(rows)))),
];
