/** @file What errors of losses, layers, optimizers and mining advise, followed. */
import { expect } from 'vitest';
import * as cg from '../../../src/index.js';
import { nn, ones, optim, tensor } from '../../../src/index.js';
import type { Hints } from './table.js';

const linear = (): nn.Linear => new nn.Linear(3, 3);
const fromConfig = (layers: object[], input: number[]): unknown => nn.fromConfig(layers as nn.LayerConfig[], { input });
const mixed = (): cg.Tensor[] => [
  ones([2], { requiresGrad: true }),
  ones([2], { dtype: 'float64', requiresGrad: true }),
];
const oneClass = ones([2, 3]);
const several = tensor([
  [1, 0, 0],
  [2, 1, 0],
  [0, 1, 1],
  [0, 1, 2],
]);
const bank = (): cg.MemoryBank => cg.memoryBank({ size: 8, dim: 3 });
const rowsOf = (count: number): Int32Array => new Int32Array(count);

/** Modules of which each knows all others. */
class Knowing extends nn.ReLU {
  others: nn.Module[] = [];
}
class Discreet extends nn.ReLU {
  #others: nn.Module[] = [];
  know(others: nn.Module[]): number {
    this.#others = others;
    return this.#others.length;
  }
}
const acquainted = <Kind extends nn.Module>(kind: new () => Kind, know: (one: Kind, all: Kind[]) => void): Kind => {
  const all = Array.from({ length: 9 }, () => new kind());
  for (const one of all) know(one, all);
  return all[0]!;
};

export const learningHints: Hints = {
  'closed-forms/vectors.ts': {
    'sample other rows': {
      wrong: () => cg.batchTripletGradient(several, [1, 1, 1, 1]),
      right: () => cg.batchTripletGradient(several, [1, 1, 0, 0]),
    },
  },
  'losses/arguments.ts': {
    "use cast(labels, 'int32')": {
      wrong: () => cg.batchTripletLoss(several, tensor([0, 0, 1, 1])),
      right: () => cg.batchTripletLoss(several, cg.cast(tensor([0, 0, 1, 1]), 'int32')),
    },
    "sample other rows, or pass { onEmpty: 'zero' }": [
      {
        wrong: () => cg.batchTripletLoss(oneClass, [1, 1]),
        right: () => {
          cg.batchTripletLoss(several, [0, 0, 1, 1]);
          expect(cg.batchTripletLoss(oneClass, [1, 1], { onEmpty: 'zero' }).item()).toBe(0);
        },
      },
      {
        wrong: () => cg.batchContrastiveLoss(ones([1, 3]), [1]),
        right: () => {
          cg.batchContrastiveLoss(several, [0, 0, 1, 1]);
          expect(cg.batchContrastiveLoss(ones([1, 3]), [1], { onEmpty: 'zero' }).item()).toBe(0);
        },
      },
      {
        wrong: () => cg.supConLoss(several, [0, 1, 2, 3]),
        right: () => {
          cg.supConLoss(several, [0, 0, 1, 1]);
          expect(cg.supConLoss(several, [0, 1, 2, 3], { onEmpty: 'zero' }).item()).toBe(0);
        },
      },
    ],
  },
  'losses/info-nce.ts': {
    'push a batch into it first': {
      wrong: () => cg.infoNCELoss(several, several, { negatives: bank() }),
      right: () => {
        const negatives = bank();
        negatives.push(several);
        const loss = cg.infoNCELoss(several, several, { negatives });
        expect(loss.item()).toBeCloseTo(cg.infoNCELoss(several, several, { negatives: several }).item(), 5);
      },
    },
  },
  'losses/mutual-information.ts': {
    "use 'infoNCE' or 'dv'": {
      wrong: () => cg.mutualInformationBound(several, several, { estimator: 'jsd' }),
      right: () => {
        for (const estimator of ['infoNCE', 'dv'] as const) cg.mutualInformationBound(several, several, { estimator });
      },
    },
  },
  'mining/pairs.ts': {
    'take a smaller batch': {
      wrong: () => cg.allPairs(rowsOf(6000)),
      right: () => cg.allPairs(rowsOf(60)),
    },
  },
  'nn/config.ts': {
    'change projection': {
      wrong: () => fromConfig([{ type: 'Residual', layers: [{ type: 'Linear', outFeatures: 4 }] }], [3]),
      right: () => {
        const projection = [{ type: 'Linear', outFeatures: 4 }];
        fromConfig([{ type: 'Residual', layers: [{ type: 'Linear', outFeatures: 4 }], projection }], [3]);
      },
    },
    'put a Flatten before it': {
      wrong: () => fromConfig([{ type: 'Linear', outFeatures: 4 }], [1, 4, 4]),
      right: () => fromConfig([{ type: 'Flatten' }, { type: 'Linear', outFeatures: 4 }], [1, 4, 4]),
    },
    'the types are …': {
      wrong: () => fromConfig([{ type: 'Dense' }], [3]),
      right: () => fromConfig([{ type: 'LayerNorm' }], [3]),
    },
  },
  'nn/containers.ts': {
    'spread the list': {
      wrong: () => new nn.Sequential([linear()] as never),
      right: () => new nn.Sequential(...[linear()]),
    },
    'call those of its modules': {
      wrong: () => new nn.ModuleList([linear()]).forward(),
      right: () => [...new nn.ModuleList([linear()])].map((layer) => layer.forward(ones([2, 3]))),
    },
    'give a projection': {
      wrong: () => new nn.Residual(new nn.Linear(3, 4)).forward(ones([2, 3])),
      right: () => new nn.Residual(new nn.Linear(3, 4), { projection: new nn.Linear(3, 4) }).forward(ones([2, 3])),
    },
  },
  'nn/module.ts': {
    'refer to them by #private fields': {
      wrong: () =>
        acquainted(Knowing, (one, all) => {
          one.others = all;
        }).stateDict(),
      right: () => acquainted(Discreet, (one, all) => void one.know(all)).stateDict(),
    },
  },
  'nn/normalisation.ts': {
    'use a larger batch, or eval()': {
      wrong: () => new nn.BatchNorm1d(3).forward(ones([1, 3])),
      right: () => {
        new nn.BatchNorm1d(3).forward(ones([2, 3]));
        new nn.BatchNorm1d(3).eval().forward(ones([1, 3]));
      },
    },
  },
  'optim/clip.ts': {
    'call backward() before it': {
      wrong: () => optim.clipGradNorm(linear().parameters(), 1),
      right: () => {
        const layer = linear();
        layer
          .forward(ones([2, 3]))
          .sum()
          .backward();
        optim.clipGradNorm(layer.parameters(), 1);
      },
    },
  },
  'optim/optimizer.ts': {
    'use an optimizer for each': {
      wrong: () => new optim.SGD(mixed(), { lr: 0.1 }),
      right: () => mixed().map((parameter) => new optim.SGD([parameter], { lr: 0.1 })),
    },
  },
};
