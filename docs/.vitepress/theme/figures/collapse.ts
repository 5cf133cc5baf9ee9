/** @file A small encoder that trains step by step, under a good setting or one that makes it collapse. */

import { type Diagnosis, diagnose } from '../../../../src/explain/index.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  Generator,
  nn,
  noGrad,
  optim,
  type Tensor,
  tensor,
} from '../../../../src/index.js';
import type { Point } from '../parts/point.js';

/** How the encoder is trained. */
export type SettingName = 'healthy' | 'noNegatives' | 'tinyInputs' | 'hardSquared';

interface Setting {
  readonly label: string;
  readonly look: string;
  /** By what the rows are multiplied on their way to the encoder. */
  readonly scale: number;
  /** How far rows lie from the centre of their class. */
  readonly noise: number;
  readonly optimizer: (parameters: Tensor[]) => optim.Optimizer;
  readonly loss: (embeddings: Tensor) => Tensor;
  readonly diagnose: (embeddings: Tensor) => Diagnosis;
}

const CLASSES = 4;
const EACH = 4;
const ROWS = CLASSES * EACH;

/** The class of each row. */
export const labels: readonly number[] = Array.from({ length: ROWS }, (_, row) => Math.floor(row / EACH));
const oneClass = labels.map(() => 0);

function contrastive(classes: readonly number[]): Pick<Setting, 'loss' | 'diagnose'> {
  return {
    loss: (z) => batchContrastiveLoss(z, [...classes]),
    diagnose: (z) => diagnose(batchContrastiveLoss, [z, [...classes]]),
  };
}

const hard = { mining: 'hard', squared: true, margin: 1 } as const;
const adam = (lr: number) => (parameters: Tensor[]) => new optim.Adam(parameters, { lr });

/** The settings, by name. */
export const settings: Readonly<Record<SettingName, Setting>> = {
  healthy: {
    label: 'contrastive, with negatives',
    look: 'Pull and push: the classes gather, and stay apart.',
    scale: 1,
    noise: 0.7,
    optimizer: adam(0.01),
    ...contrastive(labels),
  },
  noNegatives: {
    label: 'contrastive, no negatives in the batch',
    look: 'Every row has the same label: all pairs pull, none pushes.',
    scale: 1,
    noise: 0.7,
    optimizer: adam(0.02),
    ...contrastive(oneClass),
  },
  tinyInputs: {
    label: 'contrastive, inputs divided by 100,000',
    look: 'The data was scaled twice by mistake: what reaches the encoder is all but 0.',
    scale: 1e-5,
    noise: 0.7,
    optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.1 }),
    ...contrastive(labels),
  },
  hardSquared: {
    label: 'triplet, hardest negatives, squared distances',
    look: 'Classes overlap, and only the hardest negatives count: shrinking everything is the shortest way down.',
    scale: 1,
    noise: 2,
    optimizer: (parameters) => new optim.SGD(parameters, { lr: 0.005 }),
    loss: (z) => batchTripletLoss(z, [...labels], hard),
    diagnose: (z) => diagnose(batchTripletLoss, [z, [...labels]], hard),
  },
};

/** The encoder after some steps. */
export interface Training {
  readonly setting: SettingName;
  /** The loss before each step, and now. */
  readonly losses: readonly number[];
  readonly embeddings: readonly Point[];
  readonly diagnosis: Diagnosis;
}

/** An encoder in training. */
export interface Trainer {
  /** Takes so many steps, and tells how things are then. */
  readonly train: (steps: number) => Training;
}

/** Rows of each class around a centre of its own, in eight dimensions. */
function drawRows(generator: Generator, { noise, scale }: Setting): Tensor {
  const width = 8;
  const normal = (): number[] => Array.from({ length: width }, () => generator.normal());
  const centres = Array.from({ length: CLASSES }, normal);
  const rows = labels.map((label) => {
    const off = normal();
    return centres[label]!.map((v, t) => scale * (v + noise * off[t]!));
  });
  return tensor(rows);
}

/** A fresh encoder, the same each time. */
export function trainerOf(name: SettingName, seed = 2): Trainer {
  const setting = settings[name];
  const generator = new Generator(seed);
  const rows = drawRows(generator, setting);
  const encoder = new nn.Sequential(
    new nn.Linear(8, 16, { generator }),
    new nn.Tanh(),
    new nn.Linear(16, 2, { generator }),
  );
  const optimizer = setting.optimizer(encoder.parameters());
  const losses: number[] = [];
  return {
    train(steps) {
      for (let step = 0; step < steps; step++) {
        const loss = setting.loss(encoder.forward(rows));
        losses.push(loss.item());
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      }
      const embeddings = noGrad(() => encoder.forward(rows));
      const diagnosis = setting.diagnose(embeddings);
      return {
        setting: name,
        losses: [...losses, diagnosis.loss],
        embeddings: embeddings.toArray() as unknown as Point[],
        diagnosis,
      };
    },
  };
}
