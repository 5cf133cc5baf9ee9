/** @file The siamese encoder of `npm start`, on any device. Runs in Node and in a page. */
import { gatherRows } from '../../src/data/dataset.js';
import { irisTextures } from '../../src/data/iris.js';
import { classBatch } from '../../src/data/samplers.js';
import type { Device } from '../../src/devices/device.js';
import { batchContrastiveLoss, Generator, nn, noGrad, optim, scope, type Tensor, tensor } from '../../src/index.js';

/** The encoder in training. */
export class Siamese {
  readonly encoder: nn.Sequential;
  readonly optimizer: optim.Adam;
  readonly #device: Device;
  readonly #data = irisTextures({ subjects: 150, imagesPerSubject: 8 });
  readonly #generator = new Generator(1);

  constructor(device: Device) {
    const generator = new Generator(0);
    this.encoder = new nn.Sequential(
      new nn.Linear(this.#data.size, 64, { generator }),
      new nn.ReLU(),
      new nn.Linear(64, 16, { generator }),
    ).to(device);
    this.optimizer = new optim.Adam(this.encoder.parameters(), { lr: 3e-3 });
    this.#device = device;
  }

  #batch(): { rows: Float32Array; labels: number[] } {
    const indices = classBatch(this.#data.labels, { classes: 20, perClass: 4, generator: this.#generator });
    return {
      rows: Float32Array.from(gatherRows(this.#data, indices)),
      labels: indices.map((i) => this.#data.labels[i]!),
    };
  }

  #tensorOf(rows: Float32Array): Tensor {
    return tensor(rows, { shape: [80, this.#data.size], device: this.#device });
  }

  /** One step; the loss before it. */
  step(): Tensor {
    const { rows, labels } = this.#batch();
    return scope(() => {
      const z = this.encoder.forward(this.#tensorOf(rows));
      const loss = batchContrastiveLoss(z, labels, { average: 'nonZeroPerKind' });
      this.optimizer.zeroGrad();
      loss.backward();
      this.optimizer.step();
      return loss;
    });
  }

  /** The embeddings of one batch. */
  embed(): Tensor {
    const { rows } = this.#batch();
    return scope(() => noGrad(() => this.encoder.forward(this.#tensorOf(rows))));
  }
}

/** The losses of some steps. */
export async function siameseLosses(device: Device, steps: number): Promise<number[]> {
  const siamese = new Siamese(device);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push((await siamese.step().data())[0]!);
  return losses;
}

/** How far two runs are apart, relative to the first. */
export function furthestLoss(wanted: readonly number[], actual: readonly number[]): number {
  return Math.max(...wanted.map((loss, step) => Math.abs(loss - actual[step]!) / Math.abs(loss)));
}
