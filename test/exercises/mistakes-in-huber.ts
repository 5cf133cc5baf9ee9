/** @file Typical mistakes in exercise 6, and the words that must name each. */
import type * as Contragrad from '../../src/index.js';
import { type Mistake, num, SIGNS } from './mistake.js';

type Tensor = Contragrad.Tensor;

type Value = (x: Tensor, delta: number) => Tensor;

const OUTLIERS =
  'your slope is x everywhere: outliers pull without bound. For |x| > δ the slope of the line is δ or -δ. (`if` and `?:` cannot choose';

/** In the Huber function as an operation. */
export function huber({ defineOp }: typeof Contragrad): readonly Mistake[] {
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
