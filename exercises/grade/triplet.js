/** @file Grades the triplet loss. */
import { Generator, randn, tensor, tripletGradient, tripletLoss } from 'contragrad';
import { called, compare, compareAll } from './compare.js';
import { checkLoss } from './differences.js';
import { Wrong } from './verdict.js';

const coordinates = (a, b, options) => a.sub(b).square().sum(options);
const squared = (a, b) => coordinates(a, b, { axis: 1 });

/** Mistakes, and what to say of each. */
function mistakes(a, p, n, margin) {
  const [near, far] = [squared(a, p), squared(a, n)];
  const gap = near.sub(far);
  const hinge = (x) => x.relu().mean();
  const parts = (x, y) => hinge(x.sub(y).add(margin));
  return [
    [
      () => parts(far, near),
      'positive and negative have changed places: your loss falls as the negative comes nearer. It is ‖a - p‖² - ‖a - n‖²',
    ],
    [
      () => gap.add(margin).mean(),
      'the hinge is missing: a triplet that keeps its order by the margin costs 0, never less. Use relu',
    ],
    [() => gap.mean(), 'margin and hinge are missing: max(‖a - p‖² - ‖a - n‖² + margin, 0)'],
    [() => hinge(gap), 'the margin is missing: add it before the hinge'],
    [
      () => hinge(gap).add(margin),
      'the margin is added after the hinge: add it before, so that it decides who costs something',
    ],
    [() => hinge(gap.sub(margin)), 'the margin is subtracted: it makes the demand harder, so add it'],
    [() => hinge(gap.add(1)), 'the margin is 1 whatever the caller says: use the argument'],
    [
      () => gap.add(margin).mean().relu(),
      'the hinge is taken of all rows together: good triplets then make up for bad ones. Take relu of each row, then the mean',
    ],
    [() => gap.add(margin).relu().sum(), 'your loss is the sum over the rows where the mean is expected'],
    [
      () => gap.add(margin).relu(),
      'your loss has a value for each row, shape [N], where a scalar is expected: take the mean',
    ],
    [() => parts(near.mul(0), far), 'the positive plays no part'],
    [() => gap.mean().mul(0), 'your loss is 0 whatever the points are'],
    [() => parts(near, far.neg()), 'the two distances are added: it is ‖a - p‖² minus ‖a - n‖²'],
    ...[
      [near.expandDims(1), far],
      [near, far.expandDims(1)],
    ].map(([x, y]) => [
      () => parts(x, y),
      'one distance is [N, 1] and the other [N]: their difference is a table [N, N] of all pairs. Leave keepDims out of both',
    ]),
    [
      () => parts(coordinates(a, p, { axis: 0 }), coordinates(a, n, { axis: 0 })),
      'you sum over the rows, axis 0: a distance is a sum over the coordinates, axis 1',
    ],
    [
      () => parts(coordinates(a, p), coordinates(a, n)),
      'you sum over all rows at once: each row has a distance of its own, and the axis is named, sum({ axis: 1 })',
    ],
    [() => parts(near.sqrt(), far), 'the distance to the positive is not squared: you took a root too many'],
    [() => parts(near, far.sqrt()), 'the distance to the negative is not squared: you took a root too many'],
    [() => parts(near.sqrt(), far.sqrt()), 'distances are not squared: you took a root too many'],
    [
      () => parts(near.div(a.shape[1]), far.div(a.shape[1])),
      'squared distances are sums over the coordinates: you took the mean of them',
    ],
    [
      () => parts(a.sub(p).sum({ axis: 1 }).square(), a.sub(n).sum({ axis: 1 }).square()),
      'you sum the differences, then square: square each coordinate first, then sum',
    ],
    [
      () => parts(a.sub(p).abs().sum({ axis: 1 }), a.sub(n).abs().sum({ axis: 1 })),
      'that is the distance by absolute values: square the differences',
    ],
    [
      () => parts(near, squared(p, n)),
      'the second distance goes from the positive to the negative: it starts at the anchor',
    ],
    [() => parts(near, far.mul(0)), 'the negative plays no part'],
    [() => gap.add(margin).abs().mean(), 'that is the absolute value: the hinge is max(·, 0), relu'],
    [() => gap.add(margin).softplus().mean(), 'that is the smooth hinge, softplus: relu is asked for'],
    [() => gap.add(margin).square().relu().mean(), 'the gap is squared once more: only the distances are'],
    [
      () => a.sub(p).square().sub(a.sub(n).square()).add(margin).relu().mean(),
      'the hinge is taken of each coordinate: sum over them first, along axis 1',
    ],
  ];
}

/** Throws where `triplet` is not the triplet loss. */
export function check(triplet) {
  const generator = new Generator(15);
  const rows = () => randn([6, 3], { dtype: 'float64', generator });
  // Some triplets are alive and some are dead in both; far negatives make the mean of all gaps negative, near ones positive.
  const [a, p, n] = [rows(), rows(), rows().mul(2)];
  const near = a.add(rows().mul(0.6));
  const cases = [n, near].flatMap((negative) => [0.7, 2].map((margin) => [a, p, negative, margin]));
  const results = cases.map((points) => ({
    got: called(triplet, points, 'your loss'),
    expected: tripletLoss(...points.slice(0, 3), { margin: points[3] }),
    mistakes: mistakes(...points),
  }));
  compareAll(results, 'your loss');
  const point = tensor([[1, 2]], { dtype: 'float64' });
  compare(
    called(triplet, [point, point, point, 0.5], 'your loss'),
    tensor(0.5, { dtype: 'float64' }),
    'with all points on one spot, where the loss is the margin, your loss',
  );

  checkLoss((...inputs) => triplet(...inputs, 0.7), [a, p, n], 'your loss');
  const leaves = [a, p, n].map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  triplet(...leaves, 0.7).backward();
  const { gradients } = tripletGradient(a, p, n, { margin: 0.7 });
  ['anchor', 'positive', 'negative'].forEach((name, i) => {
    const { grad } = leaves[i];
    if (grad === null) throw new Wrong(`no gradient reaches the ${name}`);
    compare(grad, tensor(gradients[i], { dtype: 'float64' }), `the gradient of the ${name}`);
  });
}
