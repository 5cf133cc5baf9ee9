/** @file The gpu.js device in Node: every kernel, and training with every loss, against the CPU. */
import { GPU } from 'gpu.js';
import { afterAll, describe, expect, test } from 'vitest';
import { GpuJsDevice } from '../../src/devices/gpu/device.js';
import { type GpuMode, gpu } from '../../src/devices/gpu/index.js';
import { batchContrastiveLoss, cpu, tensor } from '../../src/index.js';
import { cases } from '../support/depth.js';
import { kernelErrors, trainingErrors } from '../support/device-parity.js';
import { furthestLoss, siameseLosses } from '../support/siamese.js';

// The cpu mode accumulates in double precision, webasm in float32: a sum of 1,001 terms is off by about 1e-5.
const TOLERANCE = { cpu: 1e-5, webasm: 5e-5 } as const;

describe.each(['cpu', 'webasm'] as const)('gpu:%s', async (mode) => {
  const device = await gpu({ mode });
  afterAll(() => device.destroy());

  test('says which backend runs', () => {
    expect(device.info).toMatchObject({ requested: mode, backend: mode, keepsNaN: true, refusals: [] });
    expect(device.name).toBe(`gpu:${mode}`);
  });

  test.each([1, 2, 3, 4, 5])('has the kernels of the CPU (seed %i)', async (seed) => {
    const errors = await kernelErrors(device, seed);
    expect(errors.length).toBeGreaterThan(50);
    expect(errors.filter(({ error }) => !(error <= TOLERANCE[mode]))).toEqual([]);
  });

  test('trains with every loss as the CPU does, to 1e-4', async () => {
    expect((await trainingErrors(device, cases(30))).filter(({ error }) => !(error <= 1e-4))).toEqual([]);
  });

  const steps = cases(200);
  test(`trains the siamese encoder within 1 % of the CPU over ${steps} steps`, async () => {
    expect(furthestLoss(await siameseLosses(cpu, steps), await siameseLosses(device, steps))).toBeLessThan(0.01);
  });

  test('compiles a kernel once for a call of the same kind', () => {
    tensor([1, 2], { device }).mul(tensor([3, 4], { device }));
    const { kernels } = device.info;
    tensor([5, 6], { device }).mul(tensor([7, 8], { device }));
    expect(device.info.kernels).toBe(kernels);
  });

  test('refuses what it cannot hold', () => {
    expect(() => tensor([1], { device, dtype: 'float64' })).toThrow(/holds float32, int32, got float64/);
    expect(() => tensor([2 ** 24 + 1], { device, dtype: 'int32' })).toThrow(/int32 up to 2\^24 only, got 16777217/);
    expect(() => tensor([1], { device }).add(tensor([1]))).toThrow(
      `add: inputs live on two devices, gpu:${mode} and cpu; bring them together with to(device)`,
    );
  });

  test('carries gradients across devices', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 5],
      ],
      { requiresGrad: true },
    );
    batchContrastiveLoss(x.to(device), [0, 0]).backward();
    expect(x.grad!.device).toBe(cpu);
    expect(x.grad!.toArray()).toEqual([
      [-2, -3],
      [2, 3],
    ]);
  });
});

test('auto never falls back to webasm or cpu', async () => {
  await expect(gpu()).rejects.toThrow(
    /^gpu: no mode runs here \(webgpu: .*; webgl2: .*; webgl: .*; headlessgl: .*\); name mode 'webasm'/,
  );
});

test('a device that makes a number of NaN refuses it', () => {
  const opening = { mode: 'cpu', requested: 'cpu', strict: true, adapter: null, context: null, refusals: [] };
  const device = new GpuJsDevice({ ...opening, gpu: new GPU({ mode: 'cpu' }), keepsNaN: false });
  expect(device.info.keepsNaN).toBe(false);
  expect(() => tensor([1, Number.NaN], { device })).toThrow('gpu:cpu: makes a number of NaN, got NaN; stay on the CPU');
  expect(tensor([1, Number.POSITIVE_INFINITY], { device }).neg().toArray()).toEqual([-1, Number.NEGATIVE_INFINITY]);
});

test('an unknown mode is refused', async () => {
  await expect(gpu({ mode: 'cuda' as GpuMode })).rejects.toThrow(
    "gpu: mode must be 'auto', 'webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm' or 'cpu', got \"cuda\"",
  );
});

test('a destroyed device says so', async () => {
  const device = await gpu({ mode: 'cpu' });
  const x = tensor([1], { device });
  await device.destroy();
  expect(() => x.neg()).toThrow('gpu:cpu: was destroyed; open a new one with gpu()');
});
