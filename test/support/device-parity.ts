/** @file What every device must do as the CPU does: each kernel, and training with each loss. Runs in Node and in a page. */

import fc from 'fast-check';
import type { Device } from '../../src/devices/device.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  cast,
  cpu,
  Generator,
  grad,
  infoNCELoss,
  mutualInformationLoss,
  nn,
  optim,
  randn,
  type Tensor,
  tensor,
  useDevice,
} from '../../src/index.js';
import type { Case } from '../ops/cases.js';
import { furthest, kernelCases } from './kernel-cases.js';

/** How far each kernel call is from the CPU's. */
export function kernelErrors(device: Device, seed: number): { title: string; error: number }[] {
  return kernelCases(seed).map(({ title, kernel, spec, inputs }) => {
    const run = (on: Device) =>
      on.readSync(
        on.run(
          kernel,
          inputs.map((input) => on.upload(input)),
          spec,
        ),
      );
    return { title, error: furthest(run(device), run(cpu)) };
  });
}

const labels = Array.from({ length: 12 }, (_, i) => i % 4);

const losses: Record<string, (encode: (x: Tensor) => Tensor, x: Tensor, y: Tensor) => Tensor> = {
  contrastive: (encode, x) => batchContrastiveLoss(encode(x), labels, { average: 'nonZeroPerKind' }),
  triplet: (encode, x) => batchTripletLoss(encode(x), labels, { average: 'violating', squared: false }),
  infonce: (encode, x, y) => infoNCELoss(encode(x), encode(y)),
  mi: (encode, x, y) => mutualInformationLoss(encode(x), encode(y)),
};

/** For each loss, the largest relative difference of the loss over some training steps from the CPU's. */
export function trainingErrors(device: Device, steps: number): { title: string; error: number }[] {
  return Object.entries(losses).map(([title, loss]) => {
    const run = (on: Device): number[] => {
      const generator = new Generator(3);
      const encoder = new nn.Sequential(
        new nn.Linear(16, 8, { generator }),
        new nn.ReLU(),
        new nn.Linear(8, 4, { generator }),
      ).to(on);
      const optimizer = new optim.Adam(encoder.parameters(), { lr: 3e-3 });
      return Array.from({ length: steps }, () => {
        const batch = (): Tensor => randn([12, 16], { generator, device: on });
        const value = loss((x) => encoder.forward(x), batch(), batch());
        optimizer.zeroGrad();
        value.backward();
        optimizer.step();
        return value.item();
      });
    };
    const [here, there] = [run(cpu), run(device)];
    return {
      title,
      error: Math.max(...here.map((value, i) => Math.abs(value - there[i]!) / Math.abs(value))),
    };
  });
}

/** The value of a row, and its gradients under a fixed seed. */
function partsOf(row: Case, inputs: readonly Tensor[], device: Device, dtype: 'float32' | 'float64'): number[][] {
  return useDevice(device, () => {
    const leaves = inputs.map((x) =>
      x.dtype === 'int32'
        ? x.to(device)
        : tensor((dtype === 'float32' ? cast(x, dtype) : x).dataSync(), { shape: x.shape, requiresGrad: true }),
    );
    const out = row.fn(...leaves);
    const seed = Float64Array.from({ length: out.size }, (_, i) => Math.cos(1 + i));
    const wanted = leaves.filter((leaf) => leaf.requiresGrad);
    const gradients = out.requiresGrad
      ? grad(out, wanted, { gradient: tensor(seed, { shape: out.shape, dtype }), allowUnused: true })
      : [];
    return [out, ...gradients].map((x) => [...x.dataSync()]);
  });
}

/**
 * How far a row's value and gradients on a device, in float32, are from those in float64 on the CPU: the largest error
 * over random inputs, relative to the largest element of its tensor (at least 1).
 */
export function rowError(row: Case, device: Device, numRuns: number): number {
  let worst = 0;
  fc.assert(
    fc.property(row.inputs, (given) => {
      // Both start from numbers that float32 holds.
      const inputs = given.map((x) => (x.dtype === 'int32' ? x : cast(cast(x, 'float32'), 'float64')));
      const wanted = partsOf(row, inputs, cpu, 'float64');
      partsOf(row, inputs, device, 'float32').forEach((values, part) => {
        const scale = Math.max(1, ...wanted[part]!.map(Math.abs));
        values.forEach((value, i) => {
          const error = Math.abs(value - wanted[part]![i]!) / scale;
          worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
        });
      });
    }),
    { numRuns, seed: 20261124 },
  );
  return worst;
}
