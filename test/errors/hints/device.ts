/** @file What errors of devices, explanations and the checker advise, followed. */
import { GPU } from 'gpu.js';
import { expect } from 'vitest';
import { openWasm } from '../../../src/devices/cpu/wasm.js';
import { GpuJsDevice, type Opening } from '../../../src/devices/gpu/device.js';
import { gpu } from '../../../src/devices/gpu/index.js';
import { attribution, toMarkdown, trace } from '../../../src/explain/index.js';
import * as cg from '../../../src/index.js';
import { cpu, defineOp, gradcheck, tensor } from '../../../src/index.js';
import { aliased, anyTensor, checkOp, values } from '../../../src/testing/index.js';
import type { Hints } from './table.js';

const cpuMode = { mode: 'cpu', requested: 'cpu', strict: true, adapter: null, context: null, refusals: [] };
const inGpu = async (use: (device: cg.Device) => unknown): Promise<unknown> => use(await gpu({ mode: 'cpu' }));
const dies = async (again: boolean): Promise<unknown> => {
  const device = await gpu({ mode: 'cpu' });
  const x = tensor([1], { device });
  await device.destroy();
  return (again ? tensor([1], { device: await gpu({ mode: 'cpu' }) }) : x).neg().toArray();
};
const views = tensor([
  [1, 0],
  [0, 1],
  [1, 1],
]);
const learned = (): cg.Tensor => tensor(views.toArray() as number[][], { requiresGrad: true });
/** A device whose numbers follow, as on WebGPU. */
const waiting = (): cg.Tensor => {
  const context = { device: { lost: new Promise(() => {}) } };
  const device = new GpuJsDevice({ ...cpuMode, mode: 'webgpu', context, gpu: later, keepsNaN: true });
  return tensor([1], { device }).neg();
};
/** Runs kernels on the CPU, and says what they gave later. */
const later: Opening['gpu'] = {
  createKernel: () => {
    const run = async (): Promise<unknown> => ({ toArray: async () => Float32Array.of(-1), delete: () => {} });
    return Object.assign(run, { kernel: { constructor: { mode: 'webgpu' } }, destroy: () => {} });
  },
  destroy: async () => {},
};
/** A kernel that fails as it runs. */
const fails = async (again: boolean): Promise<unknown> => {
  const run = (): never => {
    throw new Error('out of memory');
  };
  const createKernel: Opening['gpu']['createKernel'] = () =>
    Object.assign(run, { kernel: { constructor: { mode: 'cpu' } }, destroy: () => {} });
  const broken = new GpuJsDevice({ ...cpuMode, gpu: { ...later, createKernel }, keepsNaN: true });
  return tensor([1], { device: again ? await gpu({ mode: 'cpu' }) : broken })
    .neg()
    .toArray();
};
/** A kernel runs elsewhere than asked. */
const fallsBack = (strict: boolean): unknown => {
  const device = new GpuJsDevice({ ...cpuMode, mode: 'webasm', strict, gpu: new GPU({ mode: 'cpu' }), keepsNaN: true });
  return tensor([1], { device }).neg().toArray();
};
/** The square, with a pull-back of one's own. */
const squareOf = (pull: (g: cg.Tensor, x: cg.Tensor) => cg.Tensor): ((x: cg.Tensor) => cg.Tensor) => {
  const op = defineOp<readonly [cg.Tensor]>({
    name: 'mySquare',
    formula: 'y = x^2',
    localDerivative: ['2x'],
    forward: ([x]) => x.square(),
    pullBack: [(g, { inputs: [x] }) => pull(g, x)],
  });
  return (x) => op([x]);
};
const at = (...values: number[]): cg.Tensor[] => [tensor(values, { dtype: 'float64' })];

export const deviceHints: Hints = {
  'devices/cpu/wasm.ts': {
    'use smaller batches': {
      wrong: () => openWasm({ pages: 65537 }),
      right: () => expect(openWasm({ pages: 64 })).not.toBeNull(),
    },
  },
  'devices/device.ts': {
    "cast to 'float32', or stay on the CPU": {
      wrong: () => inGpu((device) => tensor([1], { device, dtype: 'float64' })),
      right: async () => {
        await inGpu((device) => cg.cast(tensor([1], { dtype: 'float64' }), 'float32').to(device));
        tensor([1], { dtype: 'float64' }).neg();
      },
    },
  },
  'devices/gpu/device.ts': {
    "use cast(x, 'float32'), or stay on the CPU": {
      wrong: () => inGpu((device) => device.upload(Float64Array.of(1))),
      right: () => inGpu((device) => device.upload(Float32Array.of(1))),
    },
    'stay on the CPU': [
      {
        wrong: () => {
          const device = new GpuJsDevice({ ...cpuMode, gpu: new GPU({ mode: 'cpu' }), keepsNaN: false });
          return tensor([Number.NaN], { device });
        },
        right: () => tensor([Number.NaN], { device: cpu }),
      },
      {
        wrong: () => inGpu((device) => tensor([2 ** 24 + 1], { device, dtype: 'int32' })),
        right: () => tensor([2 ** 24 + 1], { device: cpu, dtype: 'int32' }),
      },
    ],
    'use await t.data()': {
      wrong: () => waiting().item(),
      right: async () => expect([...(await waiting().data())]).toEqual([-1]),
    },
    'open a new one with gpu()': [
      { wrong: () => dies(false), right: () => dies(true) },
      { wrong: () => fails(false), right: () => fails(true) },
    ],
    'take smaller batches, or stay on the CPU': {
      wrong: () => inGpu((device) => cg.zeros([2 ** 24 + 1], { device })),
      right: async () => {
        await inGpu((device) => cg.zeros([2 ** 4], { device }));
        cg.zeros([2 ** 24 + 1]);
      },
    },
    'pass { strict: false }': { wrong: () => fallsBack(true), right: () => fallsBack(false) },
  },
  'devices/gpu/index.ts': {
    "name mode 'webasm' or 'cpu', or use the CPU device": {
      wrong: () => gpu(),
      right: async () => {
        for (const mode of ['webasm', 'cpu'] as const) await (await gpu({ mode })).destroy();
      },
    },
    'npm install gpu.js --ignore-scripts': {
      why: 'gpu.js is installed here; test/package/tarball.test.ts gets the hint where it is not, and goes on where it is',
      right: async () => expect((await gpu({ mode: 'cpu' })).info.backend).toBe('cpu'),
    },
  },
  'explain/names.ts': {
    'trace(() => loss) makes one': {
      wrong: () => toMarkdown(views.sum() as never),
      right: () => toMarkdown(trace(() => cg.infoNCELoss(learned(), views))),
    },
  },
  'explain/pair-forms.ts': {
    "not reduction: 'none'": {
      wrong: () => attribution(cg.infoNCELoss, [views, views], { reduction: 'none' }),
      right: () => attribution(cg.infoNCELoss, [views, views], { reduction: 'sum' }),
    },
  },
  'testing/arbitraries.ts': {
    '… is one': [
      {
        wrong: () => checkOp((x) => x!.exp(), [] as never),
        right: () => checkOp((x) => x!.exp(), anyTensor(), { numRuns: 2 }),
      },
      {
        wrong: () => aliased([] as never),
        right: () => checkOp((x, y) => x!.mul(y!), aliased(values([2])), { numRuns: 2 }),
      },
    ],
  },
  'testing/gradcheck.ts': {
    "use cast(x, 'float64')": {
      wrong: () => gradcheck((x) => x.exp(), [tensor([1])]),
      right: () => gradcheck((x) => x.exp(), [cg.cast(tensor([1]), 'float64')]),
    },
    'write the pull-back in operations of g, without detach': {
      wrong: () =>
        gradcheck(
          squareOf((g, x) => g.detach().mul(x).mul(2)),
          at(1, 2),
          { order: 2 },
        ),
      right: () =>
        gradcheck(
          squareOf((g, x) => g.mul(x).mul(2)),
          at(1, 2),
          { order: 2 },
        ),
    },
    'check the pull-back of this input': {
      wrong: () =>
        gradcheck(
          squareOf((g, x) => g.mul(x)),
          at(1, 2),
        ),
      right: () =>
        gradcheck(
          squareOf((g, x) => g.mul(x).mul(2)),
          at(1, 2),
        ),
    },
    'check at other points': [
      { wrong: () => gradcheck((x) => x.abs(), at(0)), right: () => gradcheck((x) => x.abs(), at(1)) },
      { wrong: () => gradcheck((x) => x.log(), at(0)), right: () => gradcheck((x) => x.log(), at(1)) },
    ],
    'what is random has no differences: fix its seed inside the function': {
      wrong: () => gradcheck((x) => x.mul(cg.rand([4], { dtype: 'float64' })), at(1, 2, 3, 4)),
      right: () =>
        gradcheck((x) => x.mul(cg.rand([4], { dtype: 'float64', generator: new cg.Generator(1) })), at(1, 2, 3, 4)),
    },
  },
};
