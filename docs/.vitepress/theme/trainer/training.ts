/** @file One encoder in training, without a page: steps, embeddings, accuracy, diagnosis, files. The worker runs it. */
import { classBatch, gatherRows } from '../../../../src/data/index.js';
import { type Diagnosis, diagnose } from '../../../../src/explain/index.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  type CompiledStep,
  compile,
  cpu,
  type Device,
  Generator,
  infoNCELoss,
  metrics,
  nn,
  noGrad,
  optim,
  scope,
  slice,
  supConLoss,
  type Tensor,
  tensor,
} from '../../../../src/index.js';
import { type RunConfig, serializeRunConfig, serializeSafetensors } from '../../../../src/io/index.js';
import { Projection } from './projection.js';
import type { Rows } from './rows.js';
import { HIDDEN, losses, type TrainerSettings } from './settings.js';

/** How many rows a batch has, in how many classes. */
const BATCH = 80;
const CLASSES = 10;
/** How many rows are drawn, and how many are neighbours or queries of the accuracy. */
const MOST_DRAWN = 600;
const MOST_REFERENCES = 1000;
const MOST_QUERIES = 400;
const NEIGHBOURS = 3;

/** The files of a run, as `loadEncoder` reads them. */
export interface RunFiles {
  /** `model.safetensors`. */
  readonly weights: Uint8Array;
  /** `config.json`. */
  readonly config: string;
  /** `embeddings.csv`: each row of the source with its embedding. */
  readonly embeddings: string;
}

/** What a batch is taken apart into: its rows' embeddings and the loss' other argument. */
type Labels = Int32Array;

/** An encoder, its data and its optimizer. */
export class Training {
  /** How many steps are done. */
  step = 0;
  readonly rows: Rows;
  /** Which rows are drawn, evenly taken from both parts. */
  readonly drawn: Int32Array;
  readonly #settings: TrainerSettings;
  readonly #device: Device;
  readonly #architecture: readonly nn.LayerConfig[];
  readonly #encoder: nn.Sequential;
  readonly #generator: Generator;
  readonly #run: CompiledStep<[Tensor, Labels], Tensor>;
  readonly #forward: CompiledStep<[Tensor], Tensor>;
  readonly #projection: Projection;
  readonly #shape: { readonly classes: number; readonly perClass: number };
  readonly #seen: Labels;
  readonly #drawnRows: Float32Array;

  /** @param device - Where it computes. Default the CPU. */
  constructor(rows: Rows, settings: TrainerSettings, device: Device = cpu) {
    const { data, trained } = rows;
    this.rows = rows;
    this.#settings = settings;
    this.#device = device;
    this.#architecture = [
      { type: 'Linear', outFeatures: HIDDEN },
      { type: 'ReLU' },
      { type: 'Linear', outFeatures: settings.dim },
    ];
    this.#encoder = nn
      .fromConfig(this.#architecture, { input: [data.size], generator: new Generator(settings.seed) })
      .to(device);
    this.#generator = new Generator(settings.seed + 1);
    this.#seen = data.labels.subarray(0, trained);
    this.#shape = batchShape(this.#seen, settings);
    this.drawn = spread(data.count, MOST_DRAWN);
    this.#drawnRows = gatherRows(data, this.drawn);
    this.#projection = new Projection(settings.dim);
    const optimizer = new optim.Adam(this.#encoder.parameters(), { lr: settings.lr });
    this.#run = compile((x: Tensor, labels: Labels) => {
      const loss = lossOf(settings, this.#encoder.forward(x), labels);
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    });
    this.#forward = compile((x: Tensor) => noGrad(() => this.#encoder.forward(x)));
  }

  /** What runs the steps: `wasm`, or `generic` on another device; null before the first one. */
  get executor(): string | null {
    return this.#run.plan?.executor ?? null;
  }

  /** One step; returns the loss before it. */
  async next(): Promise<number> {
    const { features, labels } = this.#batch();
    const loss = scope(() => this.#run(this.#tensor(features), labels));
    this.step++;
    return (await loss.data())[0]!;
  }

  /** The drawn rows in the plane, `[drawn.length, 2]`, as the loss sees them: where it compares angles, on the unit sphere. */
  async picture(): Promise<Float32Array> {
    return this.#projection.of(this.#seenByLoss(await this.#embed(this.#drawnRows)));
  }

  /** The share of held-out rows whose class is that of most of their three nearest rows in training. */
  async accuracy(): Promise<number> {
    const { data, trained } = this.rows;
    const references = spread(trained, MOST_REFERENCES);
    const queries = spread(data.count - trained, MOST_QUERIES).map((row) => row + trained);
    const parts = await Promise.all(
      [references, queries].map(async (rows) => ({
        points: this.#seenByLoss(await this.#embed(gatherRows(data, rows))),
        labels: rows.map((row) => data.labels[row]!),
      })),
    );
    return metrics.knnAccuracy(parts[0]!, parts[1]!, { k: Math.min(NEIGHBOURS, trained) });
  }

  /** What is wrong with a batch of now, in words. */
  async diagnosis(): Promise<Diagnosis> {
    const { features, labels } = this.#batch(new Generator(this.step));
    const embeddings = await this.#embed(features);
    return diagnosisOf(this.#settings, tensor(embeddings, { shape: [labels.length, this.#settings.dim] }), labels);
  }

  /** The encoder of now as the files that `loadEncoder` reads. */
  async files(): Promise<RunFiles> {
    const { data, standardisation, name, order, trained } = this.rows;
    const { dim, loss, ...settings } = this.#settings;
    const config: RunConfig = {
      format: 'contragrad-run',
      version: 1,
      input: {
        shape: [data.size],
        ...(data.featureNames && { features: data.featureNames }),
        mean: [...standardisation.mean],
        scale: [...standardisation.scale],
      },
      architecture: this.#architecture,
      classes: data.classes,
      metric: losses[loss].metric,
      settings: { ...settings, loss, dim, data: name, steps: this.step },
    };
    const embeddings = await this.#embed(data.features);
    const lines = Array.from(order, (row, i) => ({
      row,
      text: [
        row,
        i < trained ? 'trained' : 'held out',
        quotedCell(data.classes[data.labels[i]!]!),
        ...embeddings.subarray(i * dim, (i + 1) * dim),
      ].join(','),
    })).sort((p, q) => p.row - q.row);
    const header = ['row', 'part', 'class', ...Array.from({ length: dim }, (_, t) => `z${t}`)].join(',');
    return {
      weights: serializeSafetensors(this.#encoder.stateDict()),
      config: serializeRunConfig(config),
      embeddings: `${[header, ...lines.map(({ text }) => text)].join('\n')}\n`,
    };
  }

  /** Lets go of what the plans hold. */
  dispose(): void {
    this.#run.dispose();
    this.#forward.dispose();
  }

  #batch(generator: Generator = this.#generator): { readonly features: Float32Array; readonly labels: Labels } {
    const drawn = classBatch(this.#seen, { ...this.#shape, generator });
    // A loss of views takes one row of each class, then another of each.
    const rows = isOfViews(this.#settings) ? [0, 1].flatMap((view) => drawn.filter((_, i) => i % 2 === view)) : drawn;
    return { features: gatherRows(this.rows.data, rows), labels: Int32Array.from(rows, (row) => this.#seen[row]!) };
  }

  #tensor(features: Float32Array): Tensor {
    const { size } = this.rows.data;
    return tensor(features, { shape: [features.length / size, size], device: this.#device });
  }

  async #embed(features: Float32Array): Promise<Float32Array> {
    const z = scope(() => this.#forward(this.#tensor(features)));
    return (await z.data()) as Float32Array;
  }

  #seenByLoss(points: Float32Array): Float32Array {
    const { dim, loss } = this.#settings;
    if (losses[loss].metric === 'euclidean') return points;
    const out = new Float32Array(points.length);
    for (let start = 0; start < points.length; start += dim) {
      const row = points.subarray(start, start + dim);
      const length = Math.hypot(...row);
      out.set(length > 0 ? row.map((v) => v / length) : row, start);
    }
    return out;
  }
}

const isOfViews = ({ loss }: TrainerSettings): boolean => loss === 'infonce';

/** The same for each batch, so that one plan serves them all: no class in use has fewer rows than `perClass`. */
function batchShape(
  labels: Labels,
  settings: TrainerSettings,
): { readonly classes: number; readonly perClass: number } {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const usable = [...counts.values()].filter((count) => count >= 2);
  if (isOfViews(settings)) return { classes: Math.min(BATCH / 2, usable.length), perClass: 2 };
  const classes = Math.min(CLASSES, usable.length);
  return { classes, perClass: Math.min(Math.floor(BATCH / classes), ...usable) };
}

/** Whole numbers from 0 to `count - 1`, at most so many, evenly spread. */
function spread(count: number, most: number): Int32Array {
  const length = Math.min(count, most);
  return Int32Array.from({ length }, (_, i) => Math.floor((i * count) / length));
}

/** A cell of a table; one that a spreadsheet would compute is text. */
function quotedCell(text: string): string {
  return `"${/^[=+\-@\t\r]/.test(text) ? "'" : ''}${text.replaceAll('"', '""')}"`;
}

const contrastiveOptions = (margin: number) => ({ margin, average: 'nonZeroPerKind' }) as const;
const tripletOptions = (margin: number) => ({ margin, average: 'violating', squared: false }) as const;

function halvesOf(z: Tensor): [Tensor, Tensor] {
  const half = z.shape[0]! / 2;
  return [slice(z, { ends: [half] }), slice(z, { starts: [half] })];
}

function lossOf({ loss, sharpness }: TrainerSettings, z: Tensor, labels: Labels): Tensor {
  switch (loss) {
    case 'contrastive':
      return batchContrastiveLoss(z, labels, contrastiveOptions(sharpness));
    case 'triplet':
      return batchTripletLoss(z, labels, tripletOptions(sharpness));
    case 'infonce':
      return infoNCELoss(...halvesOf(z), { temperature: sharpness });
    case 'supcon':
      return supConLoss(z, labels, { temperature: sharpness });
  }
}

function diagnosisOf({ loss, sharpness }: TrainerSettings, z: Tensor, labels: Labels): Diagnosis {
  switch (loss) {
    case 'contrastive':
      return diagnose(batchContrastiveLoss, [z, labels], contrastiveOptions(sharpness));
    case 'triplet':
      return diagnose(batchTripletLoss, [z, labels], tripletOptions(sharpness));
    case 'infonce':
      return diagnose(infoNCELoss, halvesOf(z), { temperature: sharpness });
    case 'supcon':
      return diagnose(supConLoss, [z, labels], { temperature: sharpness });
  }
}
