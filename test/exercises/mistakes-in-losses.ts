/** @file Typical mistakes in the exercises 4 and 5, and the words that must name each. */
import type * as Contragrad from '../../src/index.js';
import { type Mistake, num, one, rows, SIGNS, tensorOf } from './mistake.js';

type Tensor = Contragrad.Tensor;

type Loss = (a: Tensor, p: Tensor, n: Tensor, margin: number) => Tensor;
const loss = (title: string, says: string, answer: Loss): Mistake => [title, says, answer];
const squared = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().sum({ axis: 1 });
const gap = (a: Tensor, p: Tensor, n: Tensor): Tensor => squared(a, p).sub(squared(a, n));

/** In the triplet loss. */
export const triplet: readonly Mistake[] = [
  loss('changed places', 'positive and negative have changed places', (a, p, n, m) =>
    gap(a, n, p).add(m).relu().mean(),
  ),
  loss('no hinge', 'the hinge is missing', (a, p, n, m) => gap(a, p, n).add(m).mean()),
  loss('no margin', 'the margin is missing', (a, p, n) => gap(a, p, n).relu().mean()),
  loss('margin taken off', 'the margin is subtracted', (a, p, n, m) => gap(a, p, n).sub(m).relu().mean()),
  loss('margin after the hinge', 'the margin is added after the hinge', (a, p, n, m) =>
    gap(a, p, n).relu().add(m).mean(),
  ),
  loss('margin 1', 'the margin is 1 whatever the caller says', (a, p, n) => gap(a, p, n).add(1).relu().mean()),
  loss('hinge of the mean', 'the hinge is taken of all rows together', (a, p, n, m) =>
    gap(a, p, n).add(m).mean().relu(),
  ),
  loss('sum', 'the sum over the rows where the mean is expected', (a, p, n, m) => gap(a, p, n).add(m).relu().sum()),
  loss('rows', 'a value for each row', (a, p, n, m) => gap(a, p, n).add(m).relu()),
  loss('roots', 'distances are not squared', (a, p, n, m) =>
    squared(a, p).sqrt().sub(squared(a, n).sqrt()).add(m).relu().mean(),
  ),
  loss('no positive', 'the positive plays no part', (a, _, n, m) => squared(a, n).neg().add(m).relu().mean()),
  loss('nothing', 'your loss is 0 whatever the points are', (a) => a.mul(0).sum()),
  loss('plus for minus', 'the two distances are added', (a, p, n, m) =>
    squared(a, p).add(squared(a, n)).add(m).relu().mean(),
  ),
  loss('half of it', 'your loss is 0.5 times what is expected, everywhere', (a, p, n, m) =>
    gap(a, p, n).add(m).relu().mean().mul(0.5),
  ),
  loss('one axis kept', 'a table [N, N] of all pairs', (a, p, n, m) =>
    a.sub(p).square().sum(rows).sub(squared(a, n)).add(m).relu().mean(),
  ),
  loss('the wrong axis', 'you sum over the rows, axis 0', (a, p, n, m) =>
    a
      .sub(p)
      .square()
      .sum({ axis: 0 })
      .sub(a.sub(n).square().sum({ axis: 0 }))
      .add(m)
      .relu()
      .mean(),
  ),
  loss('no axis', 'the axis is named, sum({ axis: 1 })', (a, p, n, m) =>
    a.sub(p).square().sum().sub(a.sub(n).square().sum()).add(m).relu().mean(),
  ),
  loss('root of the first', 'the distance to the positive is not squared', (a, p, n, m) =>
    squared(a, p).sqrt().sub(squared(a, n)).add(m).relu().mean(),
  ),
  loss('root of the second', 'the distance to the negative is not squared', (a, p, n, m) =>
    squared(a, p).sub(squared(a, n).sqrt()).add(m).relu().mean(),
  ),
  loss('from the positive', 'goes from the positive to the negative', (a, p, n, m) =>
    squared(a, p).sub(squared(p, n)).add(m).relu().mean(),
  ),
  loss('detached', 'the loss is right, but its gradient is not: numbers were taken out', (a, p, n, m) =>
    gap(a.detach(), p, n).add(m).relu().mean(),
  ),
];

type Scores = (q: Tensor, k: Tensor, temperature: number) => Tensor;
const scored = (title: string, says: string, answer: Scores): Mistake => [title, says, answer];
const table = (q: Tensor, k: Tensor): Tensor => q.matmul(k, { transposeB: true });
const own = (q: Tensor, k: Tensor): Tensor => q.mul(k).sum({ axis: 1 });

/** In InfoNCE. */
export function infoNCE({ eye }: typeof Contragrad): readonly Mistake[] {
  return [
    scored('overflow', 'for scores near 1000, where exp overflows. Subtract the largest score', (q, k, t) =>
      table(q, k).div(t).exp().sum({ axis: 1 }).log().sub(own(q, k).div(t)).mean(),
    ),
    scored(
      '-log of a softmax that overflows',
      'your loss is NaN for scores near 1000, where exp overflows',
      (q, k, t) => {
        const e = table(q, k).div(t).exp();
        return own(q, k)
          .div(t)
          .exp()
          .div(e.sum({ axis: 1 }))
          .log()
          .neg()
          .mean();
      },
    ),
    scored('one largest score for all', 'Take the largest of each row', (q, k, t) => {
      const s = table(q, k).div(t);
      return s.sub(s.max()).exp().sum({ axis: 1 }).log().add(s.max()).sub(own(q, k).div(t)).mean();
    }),
    scored('the positive is left out', 'the positive is missing from the denominator', (q, k, t) => {
      const others = one(eye(q.shape[0]!, { dtype: q.dtype }));
      return table(q, k).div(t).exp().mul(others).sum({ axis: 1 }).log().sub(own(q, k).div(t)).mean();
    }),
    scored('the largest is never put back', 'never put back', (q, k, t) => {
      const s = table(q, k).div(t);
      return s.sub(s.max(rows)).exp().sum({ axis: 1 }).log().sub(own(q, k).div(t)).mean();
    }),
    scored('the axis of the largest is lost', 'has lost its axis, and is taken off the columns', (q, k, t) => {
      const s = table(q, k).div(t);
      const largest = s.max({ axis: 1 });
      return s.sub(largest).exp().sum({ axis: 1 }).log().add(largest).sub(own(q, k).div(t)).mean();
    }),
    scored('the axis of the largest is lost, and it is never put back', 'And after the logarithm', (q, k, t) => {
      const s = table(q, k).div(t);
      return s
        .sub(s.max({ axis: 1 }))
        .exp()
        .sum({ axis: 1 })
        .log()
        .sub(own(q, k).div(t))
        .mean();
    }),
    scored('the positive is taken out in place of the largest', 'must be the largest score of the row', (q, k, t) =>
      table(q, k).sub(q.mul(k).sum(rows)).div(t).exp().sum({ axis: 1 }).log().mean(),
    ),
    scored('-log of a softmax that is 0', 'becomes 0, and log 0 is -Infinity', (q, k, t) =>
      table(q, k)
        .div(t)
        .softmax()
        .mul(eye(q.shape[0]!, { dtype: q.dtype }))
        .sum({ axis: 1 })
        .log()
        .neg()
        .mean(),
    ),
    scored('the other table', 'The table of scores is [4, 4], by transposeB: true', (q, k, t) =>
      q.matmul(k, { transposeA: true }).div(t).logSumExp().sub(own(q, k).div(t)).mean(),
    ),
    scored('a matrix of another type', "takes its type as an option, eye(n, { dtype: 'float64' })", (q, k, t) => {
      const s = table(q, k).div(t);
      return s
        .logSumExp()
        .sub(s.mul(eye(q.shape[0]!)).sum({ axis: 1 }))
        .mean();
    }),
    scored('divides with a sign', SIGNS, (q, k, t) => tensorOf(num(table(q, k)) / t)),
    scored('no temperature', 'the temperature is missing: divide the scores', (q, k) =>
      table(q, k).logSumExp().sub(own(q, k)).mean(),
    ),
    scored('times the temperature', 'multiplied by the temperature', (q, k, t) =>
      table(q, k).mul(t).logSumExp().sub(own(q, k).mul(t)).mean(),
    ),
    scored('temperature for the sum only', 'missing from the score of the positive', (q, k, t) =>
      table(q, k).div(t).logSumExp().sub(own(q, k)).mean(),
    ),
    scored(
      'columns',
      'the sum runs down the columns: a query, a row, chooses among the keys, so sum along axis 1. Or your table is turned',
      (q, k, t) => table(k, q).div(t).logSumExp().sub(own(q, k).div(t)).mean(),
    ),
    scored('the sign', 'the sign is turned round', (q, k, t) =>
      own(q, k).div(t).sub(table(q, k).div(t).logSumExp()).mean(),
    ),
    scored('sum', 'the sum over the queries where the mean is expected', (q, k, t) =>
      table(q, k).div(t).logSumExp().sub(own(q, k).div(t)).sum(),
    ),
    scored('detached', 'the loss is right, but its gradient is not', (q, k, t) =>
      table(q, k.detach()).div(t).logSumExp().sub(own(q, k).div(t)).mean(),
    ),
  ];
}
