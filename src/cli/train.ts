/** @file The train command: from rows to an encoder, its figures and its weights. */
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Dataset } from '../data/index.js';
import type { Device } from '../devices/device.js';
import { type GpuMode, gpu } from '../devices/gpu/index.js';
import { ArgumentError, cpu, DataError, Generator, metrics, nn, optim, scope } from '../index.js';
import { serializeSafetensors, writeFileAtomically } from '../io/index.js';
import { type Batches, batchesOf } from './batches.js';
import { embed, type Points, pairFigures } from './figures.js';
import type { Settings } from './settings.js';
import { loadRows, type Rows } from './sources.js';

const COMPARED_STEPS = 50;

async function openDevice(name: string): Promise<Device> {
  if (name === 'cpu') return cpu;
  const [kind, mode = 'auto', ...rest] = name.split(':');
  if (kind !== 'gpu' || rest.length > 0) {
    throw new ArgumentError('--device', `must be cpu or gpu[:mode], got ${JSON.stringify(name)}`);
  }
  return gpu({ mode: mode as GpuMode });
}

async function writableFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (error) {
    throw new DataError('--out', `cannot write to ${path} (${(error as { code?: string }).code ?? String(error)})`);
  }
}

function newEncoder(size: number, { hidden, dim, seed }: Settings): nn.Sequential {
  const generator = new Generator(seed);
  return new nn.Sequential(
    new nn.Linear(size, hidden, { generator }),
    new nn.ReLU(),
    new nn.Linear(hidden, dim, { generator }),
  );
}

/** One encoder in training. */
class Training {
  readonly encoder: nn.Sequential;
  readonly #optimizer: optim.Adam;
  readonly #batches: Batches;
  readonly #generator: Generator;

  constructor(rows: Rows, settings: Settings, device: Device) {
    this.encoder = newEncoder(rows.train.size, settings).to(device);
    this.#optimizer = new optim.Adam(this.encoder.parameters(), { lr: settings.lr });
    this.#batches = batchesOf(rows.train, settings, device);
    this.#generator = new Generator(settings.seed + 1);
  }

  /** How many steps see every row once, on average. */
  stepsPerEpoch(rows: Rows): number {
    return Math.max(1, Math.round(rows.train.count / this.#batches.size));
  }

  /** One step; returns the loss before it. */
  async step(): Promise<number> {
    const loss = scope(() => {
      const value = this.#batches.loss(this.encoder, this.#generator);
      this.#optimizer.zeroGrad();
      value.backward();
      this.#optimizer.step();
      return value;
    });
    return (await loss.data())[0]!;
  }
}

/** Runs the command; returns the exit status. */
export async function train(path: string | undefined, settings: Settings): Promise<number> {
  await writableFolder(settings.out);
  const rows = await loadRows(path, settings);
  const device = await openDevice(settings.device);
  console.log(`data      ${rows.description}`);
  console.log(
    `encoder   ${rows.train.size}-${settings.hidden}-${settings.dim}, ${settings.loss} loss, Adam ${settings.lr}`,
  );

  const training = new Training(rows, settings, device);
  const stopped = await runSteps(training, settings.epochs * training.stepsPerEpoch(rows));

  const model = join(settings.out, 'model.safetensors');
  await save(model, training.encoder, rows, settings);
  await report(training.encoder, rows, settings, device);
  if (settings.compare !== undefined && !stopped) await compare(rows, settings, settings.compare);
  console.log(`device    ${device.name}`);
  console.log(`weights   ${model}`);
  return stopped ? 130 : 0;
}

/** Trains until done, or until Ctrl-C; returns whether it was stopped. */
async function runSteps(training: Training, steps: number): Promise<boolean> {
  let stop = false;
  const onInterrupt = (): void => {
    stop = true;
  };
  process.once('SIGINT', onInterrupt);
  const bar = new SingleBar({
    format: 'training  {bar} {percentage}% | loss {loss} | {speed} steps/s | {eta_formatted} left',
    noTTYOutput: true,
    notTTYSchedule: 5000,
    hideCursor: true,
  });
  const start = performance.now();
  let step = 0;
  let smooth: number | undefined;
  bar.start(steps, 0, { loss: '-', speed: '-' });
  try {
    while (step < steps && !stop) {
      const loss = await training.step();
      if (!Number.isFinite(loss)) {
        throw new ArgumentError('train', `the loss became ${loss} at step ${step + 1}`, 'try a smaller --lr');
      }
      smooth = smooth === undefined ? loss : 0.98 * smooth + 0.02 * loss;
      step++;
      const speed = (1000 * step) / (performance.now() - start);
      bar.update(step, { loss: smooth.toFixed(4), speed: speed.toFixed(0) });
      // Lets Ctrl-C through.
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    bar.stop();
    process.removeListener('SIGINT', onInterrupt);
  }
  console.log(`trained   ${step} of ${steps} steps, loss ${smooth?.toFixed(4) ?? '-'}`);
  return stop;
}

async function save(path: string, encoder: nn.Module, rows: Rows, settings: Settings): Promise<void> {
  const metadata = {
    format: 'contragrad',
    settings: JSON.stringify(settings),
    mean: JSON.stringify([...rows.standardisation.mean]),
    scale: JSON.stringify([...rows.standardisation.scale]),
  };
  await writeFileAtomically(path, serializeSafetensors(encoder.stateDict(), metadata));
}

async function report(encoder: nn.Module, rows: Rows, settings: Settings, device: Device): Promise<void> {
  const line = (name: string, value: string, note = ''): void =>
    console.log(`${name.padEnd(20)}${value}${note && `  ${note}`}`);
  const gallery = await embed(encoder, rows.gallery, device);
  const tested = await embed(encoder, rows.test, device);
  const k = Math.min(3, gallery.labels.length);
  const knn = metrics.knnAccuracy(gallery, tested, { k });
  const rawKnn = metrics.knnAccuracy(pointsOf(rows.raw.gallery), pointsOf(rows.raw.test), { k });
  console.log('');
  line(`${k}-NN accuracy`, knn.toFixed(4), `(raw features ${rawKnn.toFixed(4)}) on ${rows.test.count} test rows`);
  const pairs = pairFigures(tested, settings.seed);
  const raw = pairFigures(pointsOf(rows.raw.test), settings.seed);
  line('ROC-AUC', pairs.auc.toFixed(4), `(raw features ${raw.auc.toFixed(4)}) on pairs of test rows`);
  const percent = (rate: number): string => `${(100 * rate).toFixed(2)} %`;
  line('equal error rate', percent(pairs.error), `(raw features ${percent(raw.error)})`);
  console.log('');
}

const pointsOf = ({ features, labels }: Dataset): Points => ({ points: features, labels });

/** The same first steps on the CPU and on another device, side by side. */
async function compare(rows: Rows, settings: Settings, name: string): Promise<void> {
  const device = await openDevice(name);
  const losses: number[][] = [];
  for (const where of [cpu, device]) {
    const training = new Training(rows, settings, where);
    const run: number[] = [];
    for (let step = 0; step < COMPARED_STEPS; step++) run.push(await training.step());
    losses.push(run);
  }
  const [here, there] = losses as [number[], number[]];
  const apart = Math.max(...here.map((loss, i) => Math.abs(loss - there[i]!) / Math.abs(loss)));
  const last = COMPARED_STEPS - 1;
  console.log(
    `compared  ${COMPARED_STEPS} steps on ${device.name}: loss ${there[last]!.toFixed(5)}, on the CPU ${here[last]!.toFixed(5)}, ` +
      `never further apart than ${(100 * apart).toPrecision(2)} %`,
  );
}
