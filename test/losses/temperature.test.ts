/** @file A temperature that is a tensor of one element: whatever its shape, it is a scalar. */
import { expect, test } from 'vitest';
import { attribution } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';

const rows = (numbers: number[][]): cg.Tensor => cg.tensor(numbers, { dtype: 'float64' });
const [z, y] = [
  rows([
    [1, 2],
    [2, -1],
    [0.5, 1],
    [3, 1],
  ]),
  rows([
    [1, 2.5],
    [2, 1],
    [0.5, -1],
    [2, 1],
  ]),
];

type Of = (temperature: cg.Tensor) => cg.Tensor;
const reductions = ['mean', 'none'] as const;
const losses: Readonly<Record<string, Of>> = {
  ...Object.fromEntries(
    reductions.flatMap((reduction): [string, Of][] => [
      [`infoNCELoss, ${reduction}`, (temperature) => cg.infoNCELoss(z, y, { temperature, reduction })],
      [`both ways, ${reduction}`, (temperature) => cg.infoNCELoss(z, y, { temperature, symmetric: true, reduction })],
      [`negatives, ${reduction}`, (temperature) => cg.infoNCELoss(z, y, { temperature, negatives: z, reduction })],
      [
        `negatives of each, ${reduction}`,
        (temperature) => cg.infoNCELoss(z, y, { temperature, negatives: cg.stack([z, y, z, y]), reduction }),
      ],
      [`ntXentLoss, ${reduction}`, (temperature) => cg.ntXentLoss(z, y, { temperature, reduction })],
      [
        `mutualInformationLoss, ${reduction}`,
        (temperature) => cg.mutualInformationLoss(z, y, { temperature, reduction }),
      ],
    ]),
  ),
  supConLoss: (temperature) => cg.supConLoss(z, [0, 0, 1, 1], { temperature, baseTemperature: 0.07 }),
  'supConLoss, negatives': (temperature) =>
    cg.supConLoss(z, [0, 0, 1, 1], { temperature, denominator: 'otherPositivesExcluded' }),
  dv: (temperature) => cg.mutualInformationLoss(z, y, { temperature, estimator: 'dv' }),
  jsd: (temperature) => cg.mutualInformationLoss(z, y, { temperature, estimator: 'jsd' }),
  bound: (temperature) => cg.mutualInformationBound(z, y, { temperature }),
};

test.each(Object.entries(losses))('%s has the same value and gradient', (_, loss) => {
  const at = (shape: number[]) => {
    const temperature = cg.full(shape, 0.5, { dtype: 'float64', requiresGrad: true });
    const out = loss(temperature);
    out.sum().backward();
    expect(temperature.grad!.shape).toEqual(shape);
    return [out.shape, [...out.dataSync()], [...temperature.grad!.dataSync()]];
  };
  const scalar = at([]);
  expect(scalar[2]).not.toEqual([0]);
  for (const shape of [[1], [1, 1], [1, 1, 1]]) expect(at(shape)).toEqual(scalar);
  expect(() => loss(cg.ones([3], { dtype: 'float64' }))).toThrow(
    /temperature must be a number or a scalar tensor, got shape \[3\]$/,
  );
});

test('what pulls and pushes is told for it, too', () => {
  const of = (temperature: cg.Tensor | number) => attribution(cg.infoNCELoss, [z, y], { temperature });
  for (const shape of [[], [1], [1, 1], [1, 1, 1]]) expect(of(cg.full(shape, 0.5))).toEqual(of(0.5));
  expect(() => of(cg.ones([3]))).toThrow(
    /^infoNCELoss: temperature must be a number or a scalar tensor, got shape \[3\]$/,
  );
  const negatives = cg.tensor([[[2]], [[3]], [[4]], [[5]]]);
  const one = (x: cg.Tensor) => cg.slice(x, { starts: [0, 0], ends: [4, 1] });
  expect(attribution(cg.infoNCELoss, [one(z), one(y)], { negatives, normalize: false }).value).toBeCloseTo(
    cg.infoNCELoss(one(z), one(y), { negatives: cg.cast(negatives, 'float64'), normalize: false }).item(),
    12,
  );
});
