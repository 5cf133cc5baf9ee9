/** @file Traces to draw. */
import { type Trace, trace } from '../../src/explain/index.js';
import { contrastiveLoss, group, infoNCELoss, type Tensor, tensor, tripletLoss } from '../../src/index.js';

export const leaf = (data: number | readonly (readonly number[])[]): Tensor =>
  tensor(data, { dtype: 'float64', requiresGrad: true });

const [a, b, c] = [
  leaf([
    [0.9, 0.3],
    [0.2, 0.8],
    [-0.5, 0.4],
  ]),
  leaf([
    [0.6, 0.7],
    [0.8, 0.3],
    [0.6, -0.2],
  ]),
  leaf([
    [0.8, -0.1],
    [-0.4, 0.6],
    [0.6, -0.3],
  ]),
];

/** One trace for each kind of graph. */
export const traces: Readonly<Record<'contrastive' | 'triplet' | 'infoNCE', Trace>> = {
  contrastive: trace(() => contrastiveLoss(a, b, [1, 0, 0]), { names: { a, b } }),
  triplet: trace(() => tripletLoss(a, b, c), { names: { anchor: a, positive: b, negative: c } }),
  infoNCE: trace(() => infoNCELoss(a, b, { temperature: 0.5 }), { names: { q: a, k: b } }),
};

/** Every sign that a language of pictures or texts could take for its own. */
export const HOSTILE = '</svg><b>&"\'\\ `$x$` {a}_b*|\n\u001b[31m';

/** x·x + x at 3, x by a name of our choice, x·x + x in a group of that name. */
export function small(name: string): Trace {
  const x = leaf(3);
  return trace(() => group(name, () => x.mul(x).add(x)), { names: { [name]: x } });
}
