/** @file The page of the GPU tests: runs the shared cases and leaves the results where the tests find them. */
import { type GpuMode, gpu } from '../../src/devices/gpu/index.js';
import { contrastiveLoss, tensor, zeros } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';
import { kernelErrors, rowError, trainingErrors } from '../support/device-parity.js';

/** What an asynchronous device says to whoever cannot wait, and of what only its numbers tell. */
async function refusals(mode: GpuMode): Promise<string[]> {
  const device = await gpu({ mode });
  const x = zeros([2, 2], { device });
  const messageOf = async (act: () => unknown): Promise<string> => {
    try {
      await act();
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };
  const wrong = tensor([0, 1], { dtype: 'int32', device }).mul(7);
  return [
    await messageOf(() => x.exp().sum().item()),
    await messageOf(() => contrastiveLoss(x, x, wrong).data()),
    await messageOf(() => contrastiveLoss(x, x, [0, 1]).data()),
  ];
}

async function run(mode: GpuMode, numRuns: number): Promise<unknown> {
  const device = await gpu({ mode });
  const kernels = await kernelErrors(device, 1);
  const training = await trainingErrors(device, 5);
  const rows: { title: string; error: number }[] = [];
  for (const row of table) rows.push({ title: titleOf(row), error: await rowError(row, device, numRuns) });
  return { name: device.name, info: device.info, kernels, training, rows, refusals: await refusals(mode) };
}

Object.assign(globalThis, { run });
