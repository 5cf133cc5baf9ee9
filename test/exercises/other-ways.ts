/** @file Right answers to the exercises that are not the solutions: a grader must not be particular. */
import type * as Contragrad from '../../src/index.js';

type Tensor = Contragrad.Tensor;
type Call = Contragrad.Call<readonly [Tensor], undefined>;

/** How it is written, and the answer. */
export type OtherWay = readonly [title: string, answer: unknown];

const rows = { axis: 1, keepDims: true } as const;
const squared = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().sum({ axis: 1 });

/** Of each exercise, by the name of what its file exports. */
export const OTHER_WAYS: Readonly<Record<string, (contragrad: typeof Contragrad) => readonly OtherWay[]>> = {
  tanhPullBack: () => [
    ['by the input', (g: Tensor, { inputs: [x] }: Call) => g.sub(g.mul(x.tanh().square()))],
    ['as a product', (g: Tensor, { out }: Call) => g.mul(out.add(1)).mul(out.neg().add(1))],
  ],
  unbroadcast: () => [
    [
      'one axis after the other',
      (g: Tensor, shape: readonly number[]) => {
        let rest = g;
        while (rest.rank > shape.length) rest = rest.sum({ axis: 0 });
        shape.forEach((size, axis) => {
          if (size === 1) rest = rest.sum({ axis, keepDims: true });
        });
        return rest;
      },
    ],
  ],
  softmaxPullBack: () => [
    ['multiplied out', (g: Tensor, { out }: Call) => g.mul(out).sub(out.mul(g.mul(out).sum(rows)))],
    [
      'by the matrix of derivatives',
      (g: Tensor, { out }: Call) =>
        g.mul(out).sub(out.expandDims(2).mul(out.expandDims(1)).mul(g.expandDims(1)).sum({ axis: 2 })),
    ],
  ],
  triplet: () => [
    [
      'by maximum, sum and division',
      (a: Tensor, p: Tensor, n: Tensor, margin: number) =>
        squared(a, p).add(margin).sub(squared(a, n)).maximum(0).sum().div(a.shape[0]!),
    ],
    [
      'in products',
      (a: Tensor, p: Tensor, n: Tensor, margin: number) =>
        p
          .square()
          .sub(n.square())
          .add(a.mul(n.sub(p)).mul(2))
          .sum({ axis: 1 })
          .add(margin)
          .relu()
          .mean(),
    ],
  ],
  infoNCE: ({ eye }) => [
    [
      'by logSumExp of the library',
      (q: Tensor, k: Tensor, t: number) =>
        q
          .matmul(k, { transposeB: true })
          .div(t)
          .logSumExp()
          .sub(q.mul(k).sum({ axis: 1 }).div(t))
          .mean(),
    ],
    [
      'by the diagonal of logSoftmax',
      (q: Tensor, k: Tensor, t: number) =>
        q
          .div(t)
          .matmul(k.transpose())
          .logSoftmax()
          .mul(eye(q.shape[0]!, { dtype: q.dtype }))
          .sum()
          .div(-q.shape[0]!),
    ],
    [
      'with the largest as a constant, and scores relative to it',
      (q: Tensor, k: Tensor, t: number) => {
        const scores = q.matmul(k, { transposeB: true }).div(t);
        const shifted = scores.sub(scores.max(rows).detach());
        const own = shifted.mul(eye(q.shape[0]!, { dtype: q.dtype })).sum({ axis: 1 });
        return shifted.exp().sum({ axis: 1 }).log().sub(own).mean();
      },
    ],
  ],
  huberOp: ({ cast, defineOp }) => [
    [
      'by numbers of a comparison, and TeX with braces',
      defineOp<readonly [Tensor], { readonly delta: number }>({
        name: 'huber',
        formula: 'y',
        localDerivative: ['\\bar{x}\\mathrel{+}= \\operatorname{clamp}(x, -\\delta, \\delta) \\odot \\bar{y}'],
        forward([x], { delta }) {
          const inside = cast(x.abs().lessEqual(delta), 'float64');
          const line = x
            .abs()
            .mul(delta)
            .sub(delta ** 2 / 2);
          return inside.mul(x.square().mul(0.5)).add(inside.neg().add(1).mul(line));
        },
        pullBack: [
          (g, { inputs: [x], attributes: { delta } }) => x.where(x.abs().lessEqual(delta), x.sign().mul(delta)).mul(g),
        ],
      }),
    ],
    [
      'by a clamped factor',
      defineOp<readonly [Tensor], { readonly delta: number }>({
        name: 'huber',
        formula: 'y',
        localDerivative: [String.raw`\bar x \mathrel{+}= \min(|x|, \delta)\,\mathrm{sign}(x) \odot \bar y`],
        forward([x], { delta }) {
          const near = x.abs().minimum(delta);
          return near.mul(x.abs().sub(near.mul(0.5)));
        },
        pullBack: [(g, { inputs: [x], attributes: { delta } }) => x.abs().minimum(delta).mul(x.sign()).mul(g)],
      }),
    ],
  ],
};
