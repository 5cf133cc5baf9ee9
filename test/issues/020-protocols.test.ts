/** @file JavaScript's own protocols of a tensor: comparing, printing, cloning, iterating, and what it is made of. */
import assert from 'node:assert';
import { inspect } from 'node:util';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { gpu } from '../../src/devices/gpu/index.js';
import { batchContrastiveLoss, compile, contrastiveLoss, detectAnomaly, ones, tensor } from '../../src/index.js';

describe('comparing', () => {
  const pairs = [
    ['rank 1', () => tensor([1, 2]), () => tensor([1, 3])],
    ['rank 0', () => tensor(1), () => tensor(2)],
    ['rank 2', () => tensor([[1, 2]]), () => tensor([[1, 4]])],
    ['other types', () => tensor([1, 2]), () => tensor([1, 2], { dtype: 'int32' })],
    ['other shapes', () => tensor([[1, 2]]), () => tensor([1, 2])],
    ['computed', () => tensor([1, 2], { requiresGrad: true }).mul(2).sum(), () => tensor(7)],
    ['empty beside full', () => ones([0]), () => ones([1])],
  ] as const;

  test.each(pairs)('tells tensors of different numbers apart: %s', (_, one, other) => {
    expect(() => expect(one()).toEqual(other())).toThrow();
    expect(() => expect(one()).toStrictEqual(other())).toThrow();
    expect(() => assert.deepStrictEqual(one(), other())).toThrow();
    expect(() => assert.deepEqual({ in: [one()] }, { in: [other()] })).toThrow();
    for (const same of [one, other]) {
      expect(same()).toEqual(same());
      expect(same()).toStrictEqual(same());
      assert.deepStrictEqual(same(), same());
    }
  });

  test('a computed tensor equals one that was given the same numbers', () => {
    const loss = tensor([1, 2], { requiresGrad: true }).mul(2).sum();
    expect(loss).toEqual(tensor(6));
    assert.deepStrictEqual(loss, tensor(6));
  });

  test('parameters that a plan trains equal what an eager step makes of them', () => {
    const train = (isCompiled: boolean) => {
      const w = tensor([1, 2], { requiresGrad: true });
      const step = (x: typeof w) => {
        const loss = w.mul(x).sum();
        w.grad = null;
        loss.backward();
        w.assign(w.detach().sub(w.grad!.detach()));
        return loss;
      };
      const run = isCompiled ? compile(step) : step;
      for (let i = 0; i < 3; i++) run(tensor([1, 0.5]));
      return w;
    };
    expect(train(true)).toEqual(train(false));
    expect(() => expect(train(true)).toEqual(tensor([1, 2]))).toThrow();
  });

  test.each(['cpu', 'webasm'] as const)('on gpu:%s two tensors never pass for equal', async (mode) => {
    const device = await gpu({ mode });
    const [one, other] = [tensor([1, 2], { device }).mul(2), tensor([1, 3], { device }).mul(2)];
    expect(() => expect(one).toEqual(other)).toThrow();
    expect(() => assert.deepStrictEqual(one.sum(), other.sum())).toThrow();
    assert.deepStrictEqual(one, one);
    await device.destroy();
  });
});

describe('printing', () => {
  test('a console shows numbers, and one tensor of a loss', () => {
    expect(inspect(tensor([1, 2]))).toBe('tensor([1, 2])');
    const x = tensor([[1, 2]], { requiresGrad: true });
    expect(inspect(x.square().sum())).toBe('tensor(5, op: sum)');
    expect(inspect({ x })).toBe('{ x: tensor([[1, 2]], requiresGrad: true) }');
  });

  test('where the numbers cannot be had, it says why, and does not throw', () => {
    let seen = '';
    compile((x: ReturnType<typeof tensor>) => {
      seen = inspect(x.mul(2));
      return x.mul(2);
    })(tensor([1, 2]));
    expect(seen).toMatch(/^tensor\(shape: \[2\], dtype: float32: /);
  });

  test('no enumerable property throws, and a spread has the numbers', () => {
    const x = tensor([1, 2], { requiresGrad: true });
    for (const t of [x, x.mul(2), detectAnomaly(() => x.mul(3))]) {
      const spread: Record<string, unknown> = { ...t };
      expect(Object.keys(spread)).toEqual(['shape', 'dtype', 'bound', 'uncloneable']);
      for (const key in t) void t[key as keyof typeof t];
    }
  });

  test('JSON has the numbers, and refuses those that it would lose', () => {
    expect(
      JSON.stringify({
        x: tensor([
          [1, 2],
          [3, 4.5],
        ]),
        loss: tensor(2),
      }),
    ).toBe('{"x":[[1,2],[3,4.5]],"loss":2}');
    expect(() => JSON.stringify(tensor([1, Number.NaN]))).toThrow(
      'toJSON: JSON has no NaN, got it at element 1; use toArray()',
    );
  });
});

test('cloning says what to send in its place', () => {
  const { port1, port2 } = new MessageChannel();
  const x = tensor([1, 2]);
  for (const act of [() => structuredClone(x), () => port1.postMessage({ x }), () => structuredClone([x.sum()])]) {
    expect(act).toThrow(/send await t\.data\(\) and t\.shape/);
  }
  port1.close();
  port2.close();
});

describe('iterating', () => {
  test('goes along the first axis, and gradients flow back', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    );
    const [first, second] = x;
    expect([...x].map((row) => row.toArray())).toEqual([
      [1, 2],
      [3, 4],
    ]);
    first!.mul(second!).sum().backward();
    expect(x.grad!.toArray()).toEqual([
      [3, 4],
      [1, 2],
    ]);
    expect([...tensor([5, 6])].map((value) => value.item())).toEqual([5, 6]);
    expect([...ones([0, 2])]).toEqual([]);
  });

  test('a scalar is no list', () => {
    expect(() => [...tensor(1)]).toThrow(TypeError);
  });

  test('a shape is not the array that it was given as', () => {
    const mine = [2];
    const x = ones(mine);
    mine.push(1);
    expect(x.shape).toEqual([2]);
  });
});

describe('what a tensor is made of', () => {
  test.each([
    [new Uint8Array([1, 255]), 'int32', [1, 255]],
    [new Uint8ClampedArray([1, 300]), 'int32', [1, 255]],
    [new Int8Array([-1, 2]), 'int32', [-1, 2]],
    [new Int16Array([-300, 2]), 'int32', [-300, 2]],
    [new Uint16Array([1, 65535]), 'int32', [1, 65535]],
    [new Uint32Array([1, 2]), 'int32', [1, 2]],
    [new BigInt64Array([-1n, 2n]), 'int32', [-1, 2]],
    [new BigUint64Array([1n, 2n]), 'int32', [1, 2]],
    [
      [new Uint8Array([1, 2]), new Uint8Array([3, 4])],
      'float32',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [[new BigInt64Array([1n]), [2]], 'float32', [[1], [2]]],
    [[true, false], 'float32', [1, 0]],
  ] as const)('%o', (data, dtype, numbers) => {
    const x = tensor(data as Parameters<typeof tensor>[0]);
    expect([x.dtype, x.toArray()]).toEqual([dtype, numbers]);
  });

  test.each([
    [
      new Uint32Array([2 ** 32 - 1]),
      'tensor: 4294967295 is no int32; int32 holds whole numbers from -2^31 to 2^31 - 1',
    ],
    [new BigInt64Array([2n ** 60n]), 'tensor: 1152921504606846976n is beyond what a number holds exactly'],
    [new DataView(new ArrayBuffer(4)), 'tensor: elements must be numbers, got a DataView'],
    [[1, '2'], 'tensor: elements must be numbers, got "2" at [1]'],
  ])('%o is refused', (data, message) => {
    expect(() => tensor(data as never)).toThrow(message);
  });

  test('an array that holds itself is told', () => {
    const data: unknown[] = [];
    data.push(data);
    expect(() => tensor(data as never)).toThrow('tensor: arrays are nested to at most 32 axes; does one hold itself?');
  });

  test('labels may be booleans and typed arrays of any kind, in plans too', () => {
    const [a, b] = [
      tensor([
        [0, 1],
        [1, 1],
      ]),
      tensor([
        [0, 2],
        [1, 1],
      ]),
    ];
    const wanted = contrastiveLoss(a, b, [1, 0]).item();
    expect(contrastiveLoss(a, b, [true, false]).item()).toBe(wanted);
    expect(batchContrastiveLoss(a, new Uint8Array([3, 3])).item()).toBe(batchContrastiveLoss(a, [3, 3]).item());
    const step = compile((labels: Uint8Array) => contrastiveLoss(a, b, labels));
    for (const labels of [
      [1, 0],
      [0, 1],
      [1, 1],
    ]) {
      expect(step(new Uint8Array(labels)).item()).toBeCloseTo(contrastiveLoss(a, b, labels).item(), 6);
    }
  });
});
