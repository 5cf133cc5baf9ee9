/** @file What errors of tensors, gradients, operations and plans advise, followed. */
import { expect } from 'vitest';
import { gpu } from '../../../src/devices/gpu/index.js';
import * as cg from '../../../src/index.js';
import { cpu, nn, ones, tensor, zeros } from '../../../src/index.js';
import { CountingDevice } from '../../support/counting-device.js';
import { type Hints, messageOf } from './table.js';

const ask = { requiresGrad: true };
const x = (): cg.Tensor => tensor([1, 2, 3], ask);
const counted = (): cg.Tensor => tensor([1, 2, 3], { device: new CountingDevice() });
const whole = (): cg.Tensor => tensor([1, 2, 3], { dtype: 'int32' });
const double = (): cg.Tensor => tensor([1, 2, 3], { dtype: 'float64' });
const self: unknown[] = [];
self.push(self);

/** Its gradient is NaN: 0 times infinity. */
const root = (zero: cg.Tensor): cg.Tensor => zero.sqrt().mul(0).sum();
const transferred = (copied: boolean): cg.Tensor => {
  const numbers = Float32Array.of(1, 2);
  const kept = copied ? numbers.slice() : numbers;
  structuredClone(numbers, { transfer: [numbers.buffer] });
  return tensor(kept);
};
/** Reads what a scope or a step freed. */
const lost = (run: (body: (a: cg.Tensor) => cg.Tensor) => unknown): void => {
  let out: cg.Tensor | undefined;
  run((a) => {
    out = a.mul(2);
    return a.sum();
  });
  out!.sum().item();
};
const step = (body: (a: cg.Tensor) => unknown): unknown =>
  cg.compile(body as (a: cg.Tensor) => cg.Tensor)(tensor([1, 2]));
const onTwoDevices = async (together: boolean): Promise<cg.Tensor> => {
  const device = await gpu({ mode: 'cpu' });
  const [a, b] = [tensor([1], { device }), tensor([2])];
  const sum = a.add(together ? b.to(device) : b);
  return sum;
};
const createGraph = (late: boolean): cg.Tensor[] => {
  const p = x();
  const loss = p.square().sum();
  if (!late) p.assign(ones([3]));
  const found = cg.grad(loss, [p], { createGraph: true });
  if (late) p.assign(ones([3]));
  return found;
};

export const engineHints: Hints = {
  'autograd/backward.ts': {
    'run the forward pass inside detectAnomaly too, to see where it was called': {
      wrong: () => {
        const loss = root(tensor([0], ask));
        cg.detectAnomaly(() => loss.backward());
      },
      right: async () => {
        const message = await messageOf(() => cg.detectAnomaly(() => root(tensor([0], ask)).backward()));
        expect(message).toMatch(/; called at .*engine\.ts/);
      },
    },
    'called …': {
      wrong: () => cg.detectAnomaly(() => root(tensor([0], ask)).backward()),
      right: () => cg.detectAnomaly(() => root(tensor([1], ask)).backward()),
    },
    'was it made under noGrad, by detach(), or from int32 numbers only?': [
      { wrong: () => cg.noGrad(() => x().sum()).backward(), right: () => x().sum().backward() },
      { wrong: () => x().detach().sum().backward(), right: () => x().sum().backward() },
      { wrong: () => whole().sum().backward(), right: () => cg.cast(whole(), 'float32').mul(x()).sum().backward() },
    ],
    'reduce it with sum() or mean(), or pass a gradient of that shape': {
      wrong: () => x().mul(2).backward(),
      right: () => {
        const [a, b, c] = [x(), x(), x()];
        a.mul(2).sum().backward();
        b.mul(2).mean().backward();
        c.mul(2).backward(ones([3]));
        expect([a.grad!.toArray(), c.grad!.toArray()]).toEqual([
          [2, 2, 2],
          [2, 2, 2],
        ]);
      },
    },
    'pass { retainGraph: true } to the earlier one, or compute the loss again': {
      wrong: () => {
        const loss = x().square().sum();
        loss.backward();
        loss.backward();
      },
      right: () => {
        const [a, b] = [x(), x()];
        const loss = a.square().sum();
        loss.backward({ retainGraph: true });
        loss.backward();
        expect(a.grad!.toArray()).toEqual([4, 8, 12]);
        b.square().sum().backward();
        b.square().sum().backward();
        expect(b.grad!.toArray()).toEqual([4, 8, 12]);
      },
    },
    'with createGraph, update parameters only after the backward pass': {
      wrong: () => createGraph(false),
      right: () => expect(createGraph(true)[0]!.toArray()).toEqual([2, 4, 6]),
    },
    '{ allowUnused: true } gives zeros': {
      wrong: () => cg.grad(x().sum(), [x()]),
      right: () => expect(cg.grad(x().sum(), [x()], { allowUnused: true })[0]!.toArray()).toEqual([0, 0, 0]),
    },
  },
  'autograd/context.ts': {
    'await before or after it, not inside': {
      wrong: () => cg.noGrad(async () => (await Promise.resolve(x())).mul(2)),
      right: async () => {
        const there = await Promise.resolve(x());
        await cg.noGrad(() => there.mul(2)).data();
      },
    },
  },
  'autograd/create.ts': {
    'does one hold itself?': { wrong: () => tensor(self as never), right: () => tensor([[[[1]]]]) },
    "use cast(x, 'int32')": {
      wrong: () => cg.rand([3], { dtype: 'int32' }),
      right: () => expect(cg.cast(cg.rand([3]).mul(10), 'int32').dtype).toBe('int32'),
    },
  },
  'autograd/elementwise.ts': {
    "use cast(x, '…')": [
      { wrong: () => x().mul(double()), right: () => x().mul(cg.cast(double(), 'float32')) },
      {
        // The whole numbers become floats, and not the other way round.
        wrong: async () => {
          const message = await messageOf(() => whole().mul(tensor([0.5])));
          expect(message).toMatch(/use cast\(x, 'float32'\)$/);
          whole().mul(tensor([0.5]));
        },
        right: () =>
          expect(
            cg
              .cast(whole(), 'float32')
              .mul(tensor([0.5]))
              .toArray(),
          ).toEqual([0.5, 1, 1.5]),
      },
    ],
    "use cast(x, 'float32')": [
      { wrong: () => whole().sqrt(), right: () => cg.cast(whole(), 'float32').sqrt() },
      { wrong: () => whole().mul(0.5), right: () => cg.cast(whole(), 'float32').mul(0.5) },
      {
        wrong: () => cg.pad(whole(), [[1, 0]], { value: 0.5 }),
        right: () => cg.pad(cg.cast(whole(), 'float32'), [[1, 0]], { value: 0.5 }),
      },
    ],
  },
  'autograd/op.ts': {
    'unwrap it': { wrong: () => cg.neg(new Proxy(x(), {})), right: () => cg.neg(x()) },
    'make one by tensor(…)': { wrong: () => cg.neg([1, 2] as never), right: () => cg.neg(tensor([1, 2])) },
    'called …': {
      wrong: () => cg.detectAnomaly(() => tensor([-1]).sqrt()),
      right: () => cg.detectAnomaly(() => tensor([1]).sqrt()),
    },
    'bring them together with to(device)': { wrong: () => onTwoDevices(false), right: () => onTwoDevices(true) },
  },
  'autograd/tensor.ts': {
    'use detach()': {
      wrong: () => {
        x().mul(2).requiresGrad = false;
      },
      right: () => expect(x().mul(2).detach().requiresGrad).toBe(false),
    },
    "use cast(x, 'float32')": {
      wrong: () => {
        whole().requiresGrad = true;
      },
      right: () => {
        cg.cast(whole(), 'float32').requiresGrad = true;
      },
    },
    'return it from the …': [
      {
        wrong: () => lost((body) => cg.scope(() => void body(counted()))),
        right: () => cg.scope(() => counted().mul(2)).toArray(),
      },
      {
        wrong: () => lost(step),
        right: () => (step((a) => ({ out: a.mul(2), loss: a.sum() })) as { out: cg.Tensor }).out.toArray(),
      },
    ],
    'use toArray()': [
      { wrong: () => x().item(), right: () => x().toArray() },
      { wrong: () => JSON.stringify(tensor([Number.NaN])), right: () => tensor([Number.NaN]).toArray() },
    ],
  },
  'checks.ts': {
    'it takes none': {
      wrong: () => nn.fromConfig([{ type: 'ReLU', slope: 1 } as never], { input: [3] }),
      right: () => nn.fromConfig([{ type: 'ReLU' }], { input: [3] }),
    },
    'known are …': [
      {
        wrong: () => x().sum({ zzz: 1 } as never),
        right: () => x().sum({ axis: 0, keepDims: true }),
      },
      { wrong: () => x().sum(5 as never), right: () => x().sum({ axis: 0 }) },
    ],
    'did you mean …? …': {
      wrong: () => x().sum({ axes: 0 } as never),
      right: () => x().sum({ axis: 0 }),
    },
  },
  'compile/arguments.ts': {
    'pass detach(), or compute it inside the step': {
      wrong: () => cg.compile((a: cg.Tensor) => a.sum())(x().mul(2)),
      right: () => {
        cg.compile((a: cg.Tensor) => a.sum())(x().mul(2).detach());
        cg.compile((a: cg.Tensor) => a.mul(2).sum())(x());
      },
    },
  },
  'compile/recorder.ts': {
    'return the tensor from the step and read it outside, or compute with tensors (where, comparisons)': {
      wrong: () => step((a) => (a.sum().item() > 0 ? a : a.neg())),
      right: () => {
        (step((a) => a.sum()) as cg.Tensor).item();
        expect((step((a) => cg.where(a.sum().greater(0), a, a.neg())) as cg.Tensor).toArray()).toEqual([1, 2]);
      },
    },
    'do it outside of the step, or compute with tensors (rand, dropout)': {
      wrong: () => {
        const generator = new cg.Generator(1);
        step((a) => a.mul(generator.uniform()));
      },
      right: () => {
        const factor = new cg.Generator(1).uniform();
        step((a) => a.mul(factor));
        step((a) => cg.dropout(a.mul(cg.rand([2]))));
      },
    },
    'make state outside the step': {
      wrong: () =>
        step((a) => {
          const total = zeros([2]);
          total.assign(a);
          return total;
        }),
      right: () => {
        const total = zeros([2]);
        step((a) => {
          total.assign(total.add(a));
          return a.sum();
        });
        expect(total.toArray()).toEqual([1, 2]);
      },
    },
  },
  'compile/stand-ins.ts': {
    'return what it computes': {
      wrong: () =>
        cg.compile((batch: { a: cg.Tensor; out?: cg.Tensor }) => {
          batch.out = batch.a.mul(2);
          return batch.a.sum();
        })({ a: tensor([1]) }),
      right: () =>
        cg
          .compile((batch: { a: cg.Tensor }) => ({ out: batch.a.mul(2) }))({ a: tensor([1]) })
          .out.toArray(),
    },
  },
  'dtype.ts': {
    'int32 holds whole numbers from -2^31 to 2^31 - 1': [
      {
        wrong: () => tensor([0.5], { dtype: 'int32' }),
        right: () => tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: 'int32' }),
      },
      {
        wrong: () => cg.batchTripletLoss(ones([3, 2]), [0, 0.5, 1]),
        right: () => cg.batchTripletLoss(ones([3, 2]), [0, 0, 1]),
      },
    ],
    'copy it before': { wrong: () => transferred(false), right: () => transferred(true) },
    "use cast(x, '…')": {
      wrong: () =>
        x()
          .mul(2)
          .backward(cg.cast(ones([3]), 'float64')),
      right: () => x().mul(2).backward(cg.cast(double(), 'float32')),
    },
    'use one of …': {
      wrong: () => tensor([1], { dtype: 'float16' as 'float32' }),
      right: () => {
        for (const dtype of ['float32', 'float64', 'int32'] as const) tensor([1], { dtype });
      },
    },
  },
  'ops/comparison.ts': {
    'use a comparison': {
      wrong: () => cg.where(tensor([0, 1, 1]), x(), 0),
      right: () => expect(cg.where(tensor([0, 1, 1]).greater(0), x(), 0).toArray()).toEqual([0, 2, 3]),
    },
  },
  'ops/indexing.ts': {
    "use cast(index, 'int32')": {
      wrong: () => cg.gather(x(), tensor([0])),
      right: () => cg.gather(x(), cg.cast(tensor([0]), 'int32')),
    },
    "use cast(labels, 'int32')": {
      wrong: () => cg.oneHot(tensor([0, 1]), 2),
      right: () => cg.oneHot(cg.cast(tensor([0, 1]), 'int32'), 2),
    },
  },
  'ops/matmul.ts': {
    'use mul()': { wrong: () => ones([]).matmul(ones([2])), right: () => ones([]).mul(ones([2])) },
    'did you mean transpose(b)?': {
      wrong: () => ones([3, 4]).matmul(ones([5, 4])),
      right: async () => {
        expect(ones([3, 4]).matmul(cg.transpose(ones([5, 4]))).shape).toEqual([3, 5]);
        expect(await messageOf(() => ones([3, 1]).matmul(ones([4])))).not.toContain('did you mean');
      },
    },
  },
  'ops/reduce.ts': {
    "use cast(x, 'float32')": {
      wrong: () => tensor([2 ** 31 - 1, 1], { dtype: 'int32' }).sum(),
      right: () =>
        expect(
          cg
            .cast(tensor([2 ** 31 - 1, 1], { dtype: 'int32' }), 'float32')
            .sum()
            .item(),
        ).toBe(2 ** 31),
    },
    'use a comparison': {
      wrong: () => x().softmax({ mask: tensor([0, 1, 1]) }),
      right: () => x().softmax({ mask: tensor([0, 1, 1]).greater(0) }),
    },
  },
  'random.ts': {
    'pass new Generator(seed)': {
      wrong: () => cg.rand([2], { generator: 7 as never }),
      right: () => cg.rand([2], { generator: new cg.Generator(7) }),
    },
  },
  'shape.ts': {
    'sizes must be equal or 1, counted from the last axis': {
      wrong: () => ones([2, 3]).add(ones([4])),
      right: () =>
        ones([2, 3])
          .add(ones([3]))
          .add(ones([2, 1])),
    },
    'a scalar has no axes': { wrong: () => ones([]).sum({ axis: 0 }), right: () => ones([]).sum() },
    'axes run from … to …': {
      wrong: () => ones([2, 3]).sum({ axis: 2 }),
      right: () => [-2, 1].map((axis) => ones([2, 3]).sum({ axis }).to(cpu)),
    },
  },
};
