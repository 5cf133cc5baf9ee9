/** @file What every device must do as the CPU does: each kernel, and training with each loss. Runs in Node and in a page. */

import type { Device } from '../../src/devices/device.js';
import {
  batchContrastiveLoss,
  batchTripletLoss,
  cpu,
  Generator,
  infoNCELoss,
  mutualInformationLoss,
  nn,
  optim,
  randn,
  type Tensor,
} from '../../src/index.js';
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
