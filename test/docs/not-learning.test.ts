/** @file "When it does not learn": each mistake of the guide's table is made, and leads to the figures that stand there. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  classBatch,
  type Dataset,
  fitStandardisation,
  gatherRows,
  parseTable,
  splitDataset,
  standardise,
  subset,
} from '../../src/data/index.js';
import { diagnose } from '../../src/explain/index.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  compile,
  Generator,
  metrics,
  nn,
  noGrad,
  optim,
  type Tensor,
  tensor,
} from '../../src/index.js';
import { install, save } from '../support/walkthrough.js';

const folder = mkdtempSync(join(tmpdir(), 'contragrad-not-learning-'));
afterAll(() => rmSync(folder, { recursive: true }));
install(folder);
save('docs/guide/first-encoder.md', folder);
execFileSync('node', ['make-leaves.mjs'], { cwd: folder });
const text = readFileSync(join(folder, 'leaves.csv'), 'utf8');
const leaves = parseTable(text);

const [, section] = readFileSync('docs/guide/training.md', 'utf8').split('## When it does not learn');
const STEPS = 400;

/** One way to train, as in the guide's page where nothing is said. */
interface Way {
  readonly data?: Dataset;
  readonly standardised?: boolean;
  readonly shuffled?: boolean;
  readonly hidden?: number;
  readonly left?: 'zeroGrad' | 'backward' | 'step';
  readonly optimizer?: 'Adam' | 'SGD';
  readonly lr?: number;
  readonly loss?: (z: Tensor, labels: number[]) => Tensor;
  readonly batch?: (labels: Int32Array, generator: Generator, at: number) => number[];
}

const drawn = (labels: Int32Array, generator: Generator): number[] =>
  classBatch(labels, { classes: 8, perClass: 8, generator });

/** Trains in a way; returns the loss of each step, the shares that are right, and a batch's embeddings with its labels. */
function trained({
  data = leaves,
  standardised = true,
  shuffled = false,
  hidden = 1,
  left,
  optimizer: kind = 'Adam',
  lr = 0.003,
  loss: lossOf = batchContrastiveLoss,
  batch: draw = drawn,
}: Way) {
  const parts = splitDataset(data, { train: 0.8, test: 0.2 });
  const fitted = fitStandardisation(parts.train);
  const scaled = (part: Dataset): Dataset => (standardised ? standardise(part, fitted) : part);
  const heldOut = scaled(parts.test);
  const order = new Generator(5).permutation(parts.train.count);
  const labelsOf = shuffled ? Int32Array.from(order, (row) => parts.train.labels[row]!) : parts.train.labels;
  const known = { ...scaled(parts.train), labels: labelsOf };

  const generator = new Generator(0);
  const layers: nn.LayerConfig[] = Array.from({ length: hidden }, () => [
    { type: 'Linear' as const, outFeatures: 64 },
    { type: 'ReLU' as const },
  ]).flat();
  const encoder = nn.fromConfig([...layers, { type: 'Linear', outFeatures: 2 }], { input: [data.size], generator });
  const optimizer = new optim[kind](encoder.parameters(), { lr });
  const step = compile((x: Tensor, labels: number[]) => {
    const loss = lossOf(encoder.forward(x), labels);
    if (left !== 'zeroGrad') optimizer.zeroGrad();
    if (left !== 'backward') loss.backward();
    if (left !== 'step') optimizer.step();
    return loss;
  });
  const rows = (features: Float32Array): Tensor =>
    tensor(features, { shape: [features.length / data.size, data.size] });
  const batchAt = (at: number): [Tensor, number[]] => {
    const batch = draw(known.labels, generator, at);
    return [rows(gatherRows(known, batch)), batch.map((row) => known.labels[row]!)];
  };
  const losses = Array.from({ length: STEPS }, (_, at) => step(...batchAt(at)).item());
  const embed = ({ features, labels }: Dataset) => ({
    points: noGrad(() => encoder.forward(rows(features))).dataSync(),
    labels,
  });
  const [x, labels] = batchAt(0);
  // What has diverged is not measured.
  const share = (...points: Parameters<typeof metrics.knnAccuracy>): string =>
    Number.isFinite(losses.at(-1)) ? percent(metrics.knnAccuracy(...points)) : 'none';
  return {
    losses,
    last: losses.slice(-20).reduce((sum, loss) => sum + loss / 20, 0),
    right: share(embed(known), embed(heldOut)),
    rightInTraining: share(embed(known), embed(known)),
    raw: percent(metrics.knnAccuracy(pointsOf(known), pointsOf(heldOut))),
    batch: [noGrad(() => encoder.forward(x)), labels] as const,
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const pointsOf = ({ features, labels }: Dataset) => ({ points: features, labels });

/** Looks for words that stand in one line of the guide's section. */
function says(...wanted: readonly string[]): void {
  const where = wanted.map((words) => section!.split('\n').findIndex((line) => line.includes(words)));
  expect({ wanted, where }).toEqual({ wanted, where: wanted.map(() => Math.max(0, where[0]!)) });
}

test('all is well', () => {
  const { losses, last, right, raw } = trained({});
  says(`from ${losses[0]!.toFixed(2)} to ${last.toFixed(2)}, and ${right} of`, `it is ${raw}`);
});

test.each(['backward', 'step'] as const)('without %s', (left) => {
  const { last, right } = trained({ left });
  says(`stays at ${last.toFixed(2)}, where it began; ${right} right`);
});

test('a learning rate that is far too small', () => {
  const { last, right } = trained({ lr: 1e-7 });
  says(`stays at ${last.toFixed(2)}, where it began; ${right} right`);
});

test('without zeroGrad', () => {
  const { losses, right } = trained({ left: 'zeroGrad' });
  const low = Math.min(...losses.slice(0, 30));
  const high = Math.max(...losses.slice(30));
  says(`falls to ${low.toFixed(2)}, then rises and swings, up to ${high.toFixed(2)}; ${right} right`);
});

test('columns of different scales', () => {
  const metres = { ...leaves, features: leaves.features.map((v, i) => (i % 5 < 2 ? v / 100 : v)) };
  const { losses, last, right } = trained({ data: metres, standardised: false });
  says(
    `starts at ${losses[0]!.toFixed(1)} and stops at ${last.toFixed(2)}; ${right} right`,
    `${trained({ data: metres }).right} again`,
  );
});

test('a learning rate that is too large', () => {
  says(`leaps to ${Math.max(...trained({ lr: 1 }).losses).toFixed(0)} within`);
  expect(trained({ lr: 10, optimizer: 'SGD' }).losses.at(-1)).toBeNaN();
});

test('labels of other rows', () => {
  const { last, right, rightInTraining } = trained({ shuffled: true });
  says(`stops at ${last.toFixed(2)}; ${rightInTraining} of`, `held-out ones ${right}`);
});

test('the wrong column', () => {
  const cut = text.replace(/,[^,\n]*$/gm, '');
  const data = parseTable(cut);
  says(`${data.classes.length} classes in ${data.count} rows; ${trained({ data }).right} right`);
});

test('batches of one class', () => {
  const { last, right, batch } = trained({
    batch: (labels, generator, at) =>
      generator
        .permutation(labels.length)
        .filter((row) => labels[row] === at % 4)
        .slice(0, 32),
  });
  says(`falls to ${last.toFixed(4)}; ${right} right`);
  expect(diagnose(batchContrastiveLoss, [batch[0], [...batch[1]]]).verdict).toContain('All rows are of one class');
});

test('collapse', () => {
  const hard = { margin: 1, mining: 'hard' } as const;
  const way = { hidden: 2, loss: (z: Tensor, labels: number[]) => batchTripletLoss(z, labels, hard) };
  const { last, batch } = trained({ ...way, lr: 0.03 });
  says(`at the margin, ${last.toFixed(3)}`, `${trained(way).right} right`);
  expect(diagnose(batchTripletLoss, [batch[0], [...batch[1]]], hard).findings[0]?.kind).toBe('collapse');
  const semiHard = { margin: 1, mining: 'semiHard' } as const;
  expect(trained({ hidden: 2, loss: (z, labels) => batchTripletLoss(z, labels, semiHard) }).losses.at(-1)).toBeLessThan(
    0.1,
  );
});

test('twenty rows of two classes are learned by heart, but by a wrong step', () => {
  const rows = [...leaves.labels.keys()].filter((row) => leaves.labels[row]! < 2).slice(0, 25);
  const data = subset(leaves, rows);
  for (const shuffled of [false, true]) expect(trained({ data, shuffled }).last).toBeLessThan(1e-3);
  for (const left of ['zeroGrad', 'backward', 'step'] as const)
    expect(trained({ data, left }).last).toBeGreaterThan(0.1);
});
