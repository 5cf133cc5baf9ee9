/** @file The page of the GPU tests: runs the shared cases and leaves the results where the tests find them. */
import { type GpuDevice, type GpuMode, gpu } from '../../src/devices/gpu/index.js';
import { contrastiveLoss, cpu, tensor, zeros } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';
import { kernelErrors, rowError, trainingErrors } from '../support/device-parity.js';
import { furthestLoss, Siamese, siameseLosses } from '../support/siamese.js';

async function messageOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
}

/** What an asynchronous device says to whoever cannot wait, and of what only its numbers tell. */
async function refusals(mode: GpuMode): Promise<string[]> {
  const device = await gpu({ mode });
  const x = zeros([2, 2], { device });
  const wrong = tensor([0, 1], { dtype: 'int32', device }).mul(7);
  return [
    await messageOf(() => x.exp().sum().item()),
    await messageOf(() => contrastiveLoss(x, x, wrong).data()),
    await messageOf(() => contrastiveLoss(x, x, [0, 1]).data()),
  ];
}

/** How many random inputs a row of the table gets, from which seed, and which rows: of so many one. */
interface Random {
  readonly numRuns: number;
  readonly seed: number;
  readonly oneOf: number;
}

async function run(mode: GpuMode, random: Random): Promise<unknown> {
  const device = await gpu({ mode });
  const kernels = await kernelErrors(device, 1);
  const training = await trainingErrors(device, 5);
  const rows: { title: string; error: number }[] = [];
  for (const [at, row] of table.entries()) {
    if ((at + random.seed) % random.oneOf !== 0) continue;
    rows.push({ title: titleOf(row), error: await rowError(row, device, random) });
  }
  return { name: device.name, info: device.info, kernels, training, rows, refusals: await refusals(mode) };
}

/** The encoder of `npm start` beside the CPU's. */
async function siamese(mode: GpuMode, steps: number): Promise<unknown> {
  const device = await gpu({ mode });
  const apart = furthestLoss(await siameseLosses(cpu, steps), await siameseLosses(device, steps));
  return { backend: device.info.backend, adapter: device.info.adapter, compiled: device.info.compiled.count, apart };
}

/** What is alive. */
type Live = ReturnType<GpuDevice['memory']>;

/** Waits until as much is alive as should be: frees wait behind the calls that still read. */
async function memoryOf(device: GpuDevice, wanted: Live, patience: number): Promise<Live> {
  const end = performance.now() + patience;
  for (;;) {
    const live = device.memory();
    if ((live.handles === wanted.handles && live.bytes === wanted.bytes) || performance.now() > end) return live;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What is alive after each hundred of some training steps, and of some batches, until it is not what it should be. */
async function lifetimes(mode: GpuMode, steps: number, wanted: Live, patience: number): Promise<unknown> {
  const device = await gpu({ mode });
  const trained = new Siamese(device);
  const seen: Live[] = [];
  const looksRight = async (): Promise<boolean> => {
    const live = await memoryOf(device, wanted, patience);
    seen.push(live);
    return live.handles === wanted.handles && live.bytes === wanted.bytes;
  };
  for (let step = 1; step <= steps; step++) {
    const loss = trained.step();
    if (step % 100 !== 0) loss.data().catch(() => {});
    else {
      await loss.data();
      if (!(await looksRight())) return { seen };
    }
  }
  for (let batch = 1; batch <= steps; batch++) {
    await trained.embed().data();
    if (batch % 100 === 0 && !(await looksRight())) return { seen };
  }
  await device.destroy();
  return { seen, after: device.memory() };
}

/** What a device that fails in the middle of training says, and whether another one works. */
async function fault(mode: GpuMode, breakIt: 'lose' | 'destroy'): Promise<unknown> {
  const device = await gpu({ mode });
  const trained = new Siamese(device);
  await trained.step().data();
  const kept = tensor([1, 2, 3]);
  const pending = trained.step();
  const reading = device.asynchronous ? messageOf(() => pending.data()) : null;
  if (breakIt === 'lose') await (globalThis as unknown as { lose(): Promise<void> }).lose();
  else await device.destroy();
  const messages = [
    reading === null ? await messageOf(() => pending.data()) : await reading,
    await messageOf(() => trained.step().data()),
  ];
  const again = await gpu({ mode });
  const losses = await siameseLosses(again, 3);
  return { messages, onCpu: kept.mul(2).toArray(), backend: again.info.backend, losses };
}

/** What a device says to input that it cannot take. */
async function badInput(mode: GpuMode): Promise<string[]> {
  const device = await gpu({ mode });
  return [
    await messageOf(() => tensor([1], { dtype: 'float64', device })),
    await messageOf(() => tensor([2 ** 24 + 2], { dtype: 'int32', device })),
    await messageOf(() => tensor([1, 5000], { dtype: 'int32', device }).mul(5000).data()),
    await messageOf(() =>
      tensor([2 ** 24, 1, -(2 ** 24)], { dtype: 'int32', device })
        .sum()
        .data(),
    ),
    await messageOf(() =>
      tensor([2 ** 25], { device })
        .cast('int32')
        .data(),
    ),
    await messageOf(() => tensor([4096, -1], { dtype: 'int32', device }).mul(4095).data()),
    await messageOf(() => zeros([4097, 4096], { device })),
    await messageOf(() => zeros([4096, 1], { device }).add(zeros([1, 4097], { device }))),
    await messageOf(() => zeros([2], { device }).add(zeros([2]))),
    await messageOf(() => gpu({ mode: 'cuda' as GpuMode })),
  ];
}

/** Whether a mode computes on this page: 'no error', or what it says. */
function tried(mode: GpuMode): Promise<string> {
  return messageOf(async () => {
    const device = await gpu({ mode });
    const [value] = await tensor([3], { device }).square().data();
    if (value !== 9) throw new Error(`3² is ${value}`);
    await device.destroy();
  });
}

Object.assign(globalThis, { run, tried, siamese, lifetimes, fault, badInput });
