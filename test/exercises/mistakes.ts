/** @file Typical mistakes in the exercises, and the words that must name each. */
import type * as Contragrad from '../../src/index.js';

type Tensor = Contragrad.Tensor;
type Call = Contragrad.Call<readonly [Tensor], undefined>;

/** What is done wrong, what the feedback must say, and the answer. */
export type Mistake = readonly [title: string, says: string, answer: unknown];

/** What is said of the signs of JavaScript; each mistake is made with another one, and is told so in the same words. */
const SIGNS = 'a tensor is used as a number: the signs + - * / ** < <= > >= and Math do not work on tensors';
const num = (x: Tensor): number => x as unknown as number;
const tensorOf = (x: number): Tensor => x as unknown as Tensor;

const rows = { axis: 1, keepDims: true } as const;
const one = (x: Tensor): Tensor => x.neg().add(1);

type PullBack = (g: Tensor, call: Call) => Tensor;
const pullBack = (title: string, says: string, answer: PullBack): Mistake => [title, says, answer];

const tanh: readonly Mistake[] = [
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

const unbroadcasting: readonly Mistake[] = [
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

const softmax: readonly Mistake[] = [
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

type Loss = (a: Tensor, p: Tensor, n: Tensor, margin: number) => Tensor;
const loss = (title: string, says: string, answer: Loss): Mistake => [title, says, answer];
const squared = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().sum({ axis: 1 });
const gap = (a: Tensor, p: Tensor, n: Tensor): Tensor => squared(a, p).sub(squared(a, n));

const triplet: readonly Mistake[] = [
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

function infoNCE({ eye }: typeof Contragrad): readonly Mistake[] {
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

type Value = (x: Tensor, delta: number) => Tensor;

const OUTLIERS =
  'your slope is x everywhere: outliers pull without bound. For |x| > δ the slope of the line is δ or -δ. (`if` and `?:` cannot choose';

function huber({ defineOp }: typeof Contragrad): readonly Mistake[] {
  const inside: (x: Tensor, delta: number) => Tensor = (x, delta) => x.abs().lessEqual(delta);
  const half = (x: Tensor): Tensor => x.square().mul(0.5);
  const line: Value = (x, delta) =>
    x
      .abs()
      .sub(delta / 2)
      .mul(delta);
  const right: Value = (x, delta) => half(x).where(inside(x, delta), line(x, delta));
  const slope: Value = (x, delta) => x.clamp({ min: -delta, max: delta });
  const tex = String.raw`\bar x \mathrel{+}= c \odot \bar y`;
  const op = (
    value: Value,
    gradient: (g: Tensor, x: Tensor, delta: number) => Tensor,
    localDerivative = tex,
  ): unknown =>
    defineOp<readonly [Tensor], { readonly delta: number }>({
      name: 'huber',
      formula: 'y',
      localDerivative: [localDerivative],
      forward: ([x], { delta }) => value(x, delta),
      pullBack: [(g, { inputs: [x], attributes: { delta } }) => gradient(g, x, delta)],
    });
  const inWords = (title: string, says: string, text: string): Mistake => [
    title,
    says,
    op(right, (g, x, delta) => g.mul(slope(x, delta)), text),
  ];
  const withRule = (changes: object): unknown => {
    const { rule } = op(right, (g, x, delta) => g.mul(slope(x, delta))) as { readonly rule: object };
    return Object.assign(() => undefined, { rule: { ...rule, ...changes } });
  };
  const ofValue = (title: string, says: string, value: Value): Mistake => [
    title,
    says,
    op(value, (g, x, delta) => g.mul(slope(x, delta))),
  ];
  const ofSlope = (title: string, says: string, wrong: Value): Mistake => [
    title,
    says,
    op(right, (g, x, delta) => g.mul(wrong(x, delta))),
  ];
  return [
    ofValue('the line is too high', 'the two parts do not meet: at |x| = δ the value jumps', (x, delta) =>
      half(x).where(inside(x, delta), x.abs().mul(delta)),
    ),
    ofValue('no half', 'the ½ of the parabola is missing', (x, delta) =>
      x.square().where(inside(x, delta), line(x, delta)),
    ),
    ofValue('no absolute value', 'it takes |x|, not x', (x, delta) =>
      half(x).where(inside(x, delta), x.sub(delta / 2).mul(delta)),
    ),
    ofValue('a half of 1', 'the line takes ½ off whatever delta is', (x, delta) =>
      half(x).where(inside(x, delta), x.abs().sub(0.5).mul(delta)),
    ),
    ofValue('the whole of delta', 'the value falls from δ²/2 to 0', (x, delta) =>
      half(x).where(inside(x, delta), x.abs().sub(delta).mul(delta)),
    ),
    ofValue('a condition of JavaScript', SIGNS, (x, delta) => (num(x.abs()) <= delta ? half(x) : line(x, delta))),
    ofValue('a tensor for a condition', 'they ask once, and a tensor counts as true always', (x, delta) =>
      inside(x, delta) ? half(x) : line(x, delta),
    ),
    ofValue('a comparison as a number', "make numbers of them, cast(…, 'float64')", (x, delta) =>
      inside(x, delta).mul(half(x)),
    ),
    ofValue('delta 1', 'that is the function of δ = 1', (x) => right(x, 1)),
    ofValue('changed places', 'the two parts have changed places', (x, delta) =>
      line(x, delta).where(inside(x, delta), half(x)),
    ),
    ofSlope('x everywhere', OUTLIERS, (x) => x),
    ofSlope('no sign', 'δ on both sides', (x, delta) => x.where(inside(x, delta), x.mul(0).add(delta))),
    ofSlope('0 outside', '0 outside', (x, delta) => x.where(inside(x, delta), 0)),
    ofSlope('clamped at 1', 'whatever delta is', (x) => slope(x, 1)),
    ['g is forgotten', 'g, the gradient that comes in, is missing', op(right, (_, x, delta) => slope(x, delta))],
    ['g is forgotten, and outliers pull', 'And g, the gradient that comes in, is missing', op(right, (_, x) => x)],
    ['detached', 'the gradient of the gradient is not', op(right, (g, x, delta) => g.mul(slope(x.detach(), delta)))],
    ofSlope('a tensor for a condition', OUTLIERS, (x, delta) => (inside(x, delta) ? x : x.sign())),
    ['g is detached', 'no gradient flows back to g', op(right, (g, x, delta) => g.detach().mul(slope(x, delta)))],
    ['no list', 'pullBack must be a list with one function', withRule({ pullBack: (g: Tensor) => g })],
    [
      'two in the list',
      'pullBack must be a list with one function',
      withRule({ pullBack: [(g: Tensor) => g, (g: Tensor) => g] }),
    ],
    ['no value', 'forward must be a function', withRule({ forward: 'x' })],
    inWords('a text that lost its backslashes', 'localDerivative has lost its backslashes', 'ar x mathrel{+}= ar y'),
    inWords('a text with \\b', 'localDerivative has lost its backslashes', '\bar x \\mathrel{+}= c \\odot \bar y'),
    inWords('no sign of gaining', 'localDerivative should tell', String.raw`\bar x \bar y`),
    inWords('no slope', 'localDerivative lacks the slope', String.raw`\bar x \mathrel{+}= \odot \bar{y}`),
    [
      'words of TeX',
      'localDerivative should tell',
      op(right, (g, x, delta) => g.mul(slope(x, delta)), String.raw`\text{clamp}`),
    ],
  ];
}

/** Of each exercise, by the name of what its file exports. */
export const MISTAKES: Readonly<Record<string, (contragrad: typeof Contragrad) => readonly Mistake[]>> = {
  tanhPullBack: () => tanh,
  unbroadcast: () => unbroadcasting,
  softmaxPullBack: () => softmax,
  triplet: () => triplet,
  infoNCE,
  huberOp: huber,
};
