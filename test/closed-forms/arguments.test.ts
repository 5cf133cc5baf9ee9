/** @file What closed forms take and refuse: the same as the losses that they are the closed forms of. */
import { describe, expect, test } from 'vitest';
import * as cg from '../../src/index.js';
import { type ClosedForm, ContragradError, grad, type Tensor, tensor } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';

type Labels = Tensor | readonly number[] | Int32Array;

/** A closed form and its loss, with options that both know. */
interface Row {
  readonly name: string;
  readonly towers: number;
  readonly labels: readonly number[] | null;
  readonly form: (towers: readonly Tensor[], labels: Labels, options?: object) => ClosedForm;
  readonly loss: (towers: readonly Tensor[], labels: Labels, options?: object) => Tensor;
}

const rows: readonly Row[] = [
  {
    name: 'contrastive',
    towers: 2,
    labels: [1, 0, 1, 0],
    form: ([a, b], labels, options) => cg.contrastiveGradient(a!, b!, labels, options),
    loss: ([a, b], labels, options) => cg.contrastiveLoss(a!, b!, labels, options),
  },
  {
    name: 'batchContrastive',
    towers: 1,
    labels: [2, 7, 2, 7],
    form: ([z], labels, options) => cg.batchContrastiveGradient(z!, labels, options),
    loss: ([z], labels, options) => cg.batchContrastiveLoss(z!, labels, options),
  },
  {
    name: 'triplet',
    towers: 3,
    labels: null,
    form: ([a, p, n], _, options) => cg.tripletGradient(a!, p!, n!, options),
    loss: ([a, p, n], _, options) => cg.tripletLoss(a!, p!, n!, options),
  },
  {
    name: 'batchTriplet',
    towers: 1,
    labels: [2, 7, 2, 7],
    form: ([z], labels, options) => cg.batchTripletGradient(z!, labels, options),
    loss: ([z], labels, options) => cg.batchTripletLoss(z!, labels, options),
  },
  {
    name: 'infoNCE',
    towers: 2,
    labels: null,
    form: ([q, k], _, options) => cg.infoNCEGradient(q!, k!, options),
    loss: ([q, k], _, options) => cg.infoNCELoss(q!, k!, options),
  },
  {
    name: 'mutualInformation',
    towers: 2,
    labels: null,
    form: ([q, k], _, options) => cg.mutualInformationGradient(q!, k!, options),
    loss: ([q, k], _, options) => cg.mutualInformationLoss(q!, k!, options),
  },
  {
    name: 'ntXent',
    towers: 2,
    labels: null,
    form: ([a, b], _, options) => cg.ntXentGradient(a!, b!, options),
    loss: ([a, b], _, options) => cg.ntXentLoss(a!, b!, options),
  },
  {
    name: 'supCon',
    towers: 1,
    labels: [2, 7, 2, 7],
    form: ([z], labels, options) => cg.supConGradient(z!, labels, options),
    loss: ([z], labels, options) => cg.supConLoss(z!, labels, options),
  },
];

const tower = (n: number, d: number, seed: number): Tensor =>
  cg.randn([n, d], { dtype: 'float64', generator: new cg.Generator(seed) });
const towersOf = ({ towers }: Row, n = 4, d = 3): Tensor[] =>
  Array.from({ length: towers }, (_, i) => tower(n, d, i + 1));

/** A refusal in words. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ContragradError);
    return (error as Error).message;
  }
  return 'no error';
}

/** Both refuse, in words that differ in the name only. */
function bothRefuse(row: Row, towers: readonly Tensor[], labels: Labels, options?: object): void {
  const form = refusal(() => row.form(towers, labels, options));
  const loss = refusal(() => row.loss(towers, labels, options));
  expect(loss).not.toBe('no error');
  const words = (message: string): string => message.replace(/^\w+: /, '').replace(/; .*/, '');
  expect(words(form)).toBe(words(loss).replace(/^tensor: /, ''));
  expect(form).toMatch(new RegExp(`^${row.name}Gradient: `));
}

test('every closed form is here', () => {
  const exported = Object.keys(cg).filter((name) => /Gradient$/.test(name));
  expect(rows.map(({ name }) => `${name}Gradient`).sort()).toEqual(exported.sort());
});

describe.each(rows)('$name', (row) => {
  const labels = row.labels ?? [];

  test('rows that do not match are refused', () => {
    const towers = towersOf(row);
    for (let i = 0; i < row.towers; i++) {
      const swap = (x: Tensor): Tensor[] => towers.map((given, j) => (i === j ? x : given));
      for (const shape of [[12], [2, 2, 3]]) {
        const given = swap(tower(4, 3, 9).reshape(shape));
        // These two losses take batches of views as well.
        if (['supCon', 'mutualInformation'].includes(row.name)) {
          expect(refusal(() => row.form(given, labels))).toMatch(
            /Gradient: needs embeddings (of one shape )?\[N, D\], got/,
          );
        } else bothRefuse(row, given, labels);
      }
      if (row.towers === 1) continue;
      for (const [n, d] of [
        [3, 3],
        [5, 3],
        [4, 2],
      ] as const) {
        bothRefuse(row, swap(tower(n, d, 9)), labels);
      }
      bothRefuse(row, swap(tower(4, 3, 9).cast('float32')), labels);
    }
  });

  test('too few rows are refused', () => {
    bothRefuse(row, towersOf(row, 0), []);
    if (!['contrastive', 'triplet'].includes(row.name)) bothRefuse(row, towersOf(row, 1), [1]);
  });

  test('options that the loss refuses are refused', () => {
    const options = /ontrastive|riplet/.test(row.name) ? { margin: 0 } : { temperature: -1 };
    bothRefuse(row, towersOf(row), labels, options);
    expect(refusal(() => row.form(towersOf(row), labels, { marginn: 1 }))).toMatch(/Gradient: has no option "marginn"/);
  });

  test('NaN goes on as it does in the loss', () => {
    for (let at = 0; at < row.towers; at++) {
      const leaves = towersOf(row).map((x, i) => {
        const data = x.dataSync();
        if (i === at) data[4] = Number.NaN;
        return tensor(data, { shape: x.shape, requiresGrad: true });
      });
      const loss = row.loss(leaves, labels);
      const form = row.form(leaves, labels);
      expect(Number.isNaN(form.value)).toBe(Number.isNaN(loss.item()));
      if (!Number.isNaN(form.value)) expect(furthest(loss, form.value).error).toBeLessThanOrEqual(1e-12);
      grad(loss, leaves).forEach((g, i) => {
        const own = form.gradients[i]!.flat();
        g.dataSync().forEach((v, k) => {
          if (Number.isNaN(v)) expect(own[k]).toBeNaN();
        });
      });
    }
  });
});

test.each(rows.filter((row) => row.labels !== null))(
  '$name: labels are a tensor, a typed array or a list, one for each row',
  (row) => {
    const labels = row.labels!;
    const towers = towersOf(row);
    const form = row.form(towers, labels);
    expect(furthest(row.loss(towers, labels), form.value).error).toBeLessThanOrEqual(1e-12);
    expect(row.form(towers, tensor([...labels], { dtype: 'int32' }))).toEqual(form);
    expect(row.form(towers, Int32Array.from(labels))).toEqual(form);
    bothRefuse(row, towers, labels.slice(1));
    bothRefuse(row, towers, [...labels, 1]);
    bothRefuse(row, towers, []);
    bothRefuse(row, towers, tensor([...labels]));
    bothRefuse(row, towers, tensor([[...labels]], { dtype: 'int32' }));
    bothRefuse(row, towers, [1, 0, 0.5, 1]);
    bothRefuse(row, towers, [1, 0, Number.NaN, 1]);
    if (row.name === 'contrastive') bothRefuse(row, towers, [1, 0, 2, 1]);
  },
);

test.each(rows.filter(({ towers }) => towers === 1))('$name: a batch with nothing to compare is refused', (row) => {
  if (row.name !== 'batchContrastive') bothRefuse(row, towersOf(row), [1, 2, 3, 4]);
  if (row.name === 'batchTriplet') bothRefuse(row, towersOf(row), [1, 1, 1, 1]);
});
