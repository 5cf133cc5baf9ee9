/** @file What every device must do as the CPU does: each kernel, and training with each loss. Runs in Node and in a page. */

import fc from 'fast-check';
import type { Device } from '../../src/devices/device.js';
import type { TypedArray } from '../../src/dtype.js';
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

/** How far each kernel call is from the CPU's in double precision. */
export async function kernelErrors(device: Device, seed: number): Promise<{ title: string; error: number }[]> {
  const errors: { title: string; error: number }[] = [];
  for (const { title, kernel, spec, inputs } of kernelCases(seed)) {
    const run = (on: Device, given: readonly TypedArray[]): Promise<TypedArray> => {
      const storages = given.map((input) => on.upload(input));
      return on.read(on.run(kernel, storages, spec));
    };
    // In double precision the CPU's sums are right to the last digit of float32.
    const exact = inputs.map((input) => (input instanceof Float32Array ? Float64Array.from(input) : input));
    const wanted = await run(cpu, exact);
    const rounded = wanted instanceof Float64Array ? Float32Array.from(wanted) : wanted;
    errors.push({ title, error: furthest(await run(device, inputs), rounded) });
  }
  return errors;
}

const labels = Array.from({ length: 12 }, (_, i) => i % 4);

const losses: Record<string, (encode: (x: Tensor) => Tensor, x: Tensor, y: Tensor) => Tensor> = {
  contrastive: (encode, x) => batchContrastiveLoss(encode(x), labels, { average: 'nonZeroPerKind' }),
  triplet: (encode, x) => batchTripletLoss(encode(x), labels, { average: 'violating', squared: false }),
  infonce: (encode, x, y) => infoNCELoss(encode(x), encode(y)),
  mi: (encode, x, y) => mutualInformationLoss(encode(x), encode(y)),
};

/** For each loss, the largest relative difference of the loss over some training steps from the CPU's. */
export async function trainingErrors(device: Device, steps: number): Promise<{ title: string; error: number }[]> {
  const run = async (on: Device, loss: (typeof losses)[string]): Promise<number[]> => {
    const generator = new Generator(3);
    const encoder = new nn.Sequential(
      new nn.Linear(16, 8, { generator }),
      new nn.ReLU(),
      new nn.Linear(8, 4, { generator }),
    ).to(on);
    const optimizer = new optim.Adam(encoder.parameters(), { lr: 3e-3 });
    const run: number[] = [];
    for (let step = 0; step < steps; step++) {
      const batch = (): Tensor => randn([12, 16], { generator, device: on });
      const value = loss((x) => encoder.forward(x), batch(), batch());
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
      run.push((await value.data())[0]!);
    }
    return run;
  };
  const errors: { title: string; error: number }[] = [];
  for (const [title, loss] of Object.entries(losses)) {
    const [here, there] = [await run(cpu, loss), await run(device, loss)];
    const error = Math.max(...here.map((value, i) => Math.abs(value - there[i]!) / Math.abs(value)));
    errors.push({ title, error });
  }
  return errors;
}

/** The value of a row, and its gradients under a fixed seed. */
async function partsOf(
  row: Case,
  inputs: readonly Tensor[],
  device: Device,
  dtype: 'float32' | 'float64',
): Promise<number[][]> {
  const parts = useDevice(device, () => {
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
    return [out, ...gradients];
  });
  return Promise.all(parts.map(async (x) => [...(await x.data())]));
}

/**
 * How far a row's value and gradients on a device, in float32, are from those in float64 on the CPU: the largest error
 * over random inputs, relative to the largest element of its tensor (at least 1).
 */
export async function rowError(row: Case, device: Device, runs: { numRuns: number; seed: number }): Promise<number> {
  let worst = 0;
  await fc.assert(
    fc.asyncProperty(row.inputs, async (given) => {
      // Both start from numbers that float32 holds.
      const inputs = given.map((x) => (x.dtype === 'int32' ? x : cast(cast(x, 'float32'), 'float64')));
      const wanted = await partsOf(row, inputs, cpu, 'float64');
      const actual = await partsOf(row, inputs, device, 'float32');
      actual.forEach((values, part) => {
        const scale = Math.max(1, ...wanted[part]!.map(Math.abs));
        values.forEach((value, i) => {
          const error = Math.abs(value - wanted[part]![i]!) / scale;
          worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
        });
      });
    }),
    runs,
  );
  return worst;
}
