/** @file Whole numbers of 32 bits are exact on every path of the CPU, and refused where they cannot be. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import * as data from '../../src/data/index.js';
import { gpu } from '../../src/devices/gpu/index.js';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';
import { big, COLUMNS, type IntegerCase, integerCases, largest } from '../support/integer-cases.js';

const LIMIT = 2 ** 31;

/** Numbers where 32 bits, a double's 53 and a float's 24 end. */
const integers = (most: number): fc.Arbitrary<number> => {
  const corners = [0, 1, 2, 46341, 65536, 2 ** 24, 2 ** 27 + 1, most - 1, most].flatMap((x) => [x, -x]);
  const near = corners.flatMap((x) => [x - 1, x, x + 1]).filter((x) => x >= -most && x <= Math.min(most, LIMIT - 1));
  return fc.oneof(
    fc.constantFrom(...near),
    fc.integer({ min: -most, max: Math.min(most, LIMIT - 1) }),
    fc.integer({ min: -9, max: 9 }),
  );
};

type Step = (a: Tensor, b: Tensor) => Tensor;
type Path = (step: Step) => Step;

const generic: Path = (step) => {
  // A number in double precision has no place in a WebAssembly plan.
  const half = tensor(0.5, { dtype: 'float64' });
  const plan = cg.compile((a: Tensor, b: Tensor) => [step(a, b), half.mul(2)] as const);
  return (a, b) => {
    const [out] = plan(a, b);
    expect(plan.plan!.executor).toBe('generic');
    return out;
  };
};

const inWebAssembly: Path = (step) => {
  const plan = cg.compile(step);
  return (a, b) => {
    const out = plan(a, b);
    expect(plan.plan!.executor).toBe('wasm');
    return out;
  };
};

/** The same numbers often enough for the eager device to leave its plain loops. */
const ROWS = { few: 6, many: 6 * 200 };

const paths: readonly (readonly [string, Path, number])[] = [
  ['eager, plain loops', (step) => step, ROWS.few],
  ['eager, WebAssembly', (step) => step, ROWS.many],
  ['compiled, WebAssembly', inWebAssembly, ROWS.few],
  ['compiled, WebAssembly, many', inWebAssembly, ROWS.many],
  ['compiled, generic', generic, ROWS.few],
];

/** Checks a case: its numbers, or that it is refused. */
function check({ title, expected }: IntegerCase, run: () => Tensor, a: Int32Array, b: Int32Array): void {
  const right = expected(big(a), big(b));
  if (right === null) expect(run, title).toThrow(cg.DTypeError);
  else expect([title, [...run().dataSync()]]).toEqual([title, right]);
}

const matrix = (data: Int32Array, device: cg.Device = cg.cpu): Tensor =>
  tensor(data, { shape: [data.length / COLUMNS, COLUMNS], device });
const few = (most: number): fc.Arbitrary<number[]> =>
  fc.array(integers(most), { minLength: ROWS.few * COLUMNS, maxLength: ROWS.few * COLUMNS });
const repeat = (list: readonly number[], rows: number): Int32Array =>
  Int32Array.from({ length: rows * COLUMNS }, (_, i) => list[i % list.length]!);

describe.each(paths)('%s', (_, path, rows) => {
  test('every operation on int32 gives what whole numbers give modulo 2^32', () => {
    const steps = integerCases.map((own) => [own, path(own.compute)] as const);
    assertProperty(
      fc.property(few(LIMIT), few(LIMIT), (p, q) => {
        const [a, b] = [repeat(p, rows), repeat(q, rows)];
        for (const [own, step] of steps) check(own, () => step(matrix(a), matrix(b)), a, b);
      }),
      rows === ROWS.few ? 100 : 30,
    );
  });
});

test.each(['cpu', 'webasm'] as const)('gpu:%s gives exact numbers or refuses', async (mode) => {
  const device = await gpu({ mode });
  await assertProperty(
    fc.asyncProperty(few(2 ** 24), few(2 ** 24), async (p, q) => {
      const [a, b] = [repeat(p, ROWS.few), repeat(q, ROWS.few)];
      for (const { title, compute, expected, sizes } of integerCases) {
        if (title.startsWith('pad')) continue;
        const run = (): Tensor => cg.useDevice(device, () => compute(matrix(a, device), matrix(b, device)));
        const most = largest(sizes?.(big(a), big(b)) ?? []);
        // 2^24 itself may be what 2^24 + 1 was rounded to.
        if (most === 2n ** 24n) continue;
        if (most > 2n ** 24n) expect(run, title).toThrow(cg.DTypeError);
        else expect([title, [...run().dataSync()]]).toEqual([title, expected(big(a), big(b))]);
      }
    }),
    20,
  );
  await device.destroy();
});

describe('what was wrong', () => {
  const int = (values: number | number[]): Tensor => tensor(values, { dtype: 'int32' });

  test('a product has its last 32 bits, eager as compiled', () => {
    const product = (a: Tensor, b: Tensor): Tensor => a.mul(b);
    expect(product(int(123456789), int(987654321)).item()).toBe(-67153019);
    expect(cg.compile(product)(int(123456789), int(987654321)).item()).toBe(-67153019);
    expect(int(123456789).square().item()).toBe(-1757895751);
  });

  test('the smallest of int32 is its own negative, and still the smallest', () => {
    const x = int([-2147483648, 0, 2147483647]);
    expect([x.min().item(), x.max().item(), x.argmin().item(), x.argmax().item()]).toEqual([
      -2147483648, 2147483647, 0, 2,
    ]);
    expect(x.neg().toArray()).toEqual([-2147483648, 0, -2147483647]);
    expect(x.abs().toArray()).toEqual([-2147483648, 0, 2147483647]);
  });

  test('a sum that int32 does not hold is refused, eager and at every replay', () => {
    const message = "sum: a sum does not fit into int32; use cast(x, 'float32')";
    const sum = cg.compile((x: Tensor) => x.sum());
    expect(sum(int([2147483647, -1])).item()).toBe(2147483646);
    for (const values of [
      [2147483647, 1],
      [-2147483648, -1],
    ]) {
      expect(() => int(values).sum()).toThrow(message);
      expect(() => sum(int(values))).toThrow(message);
    }
    // What goes beyond and comes back is held.
    expect(int([2147483647, 2147483647, -2147483648, -2147483646]).sum().item()).toBe(0);
    expect(() => int(new Array(2 ** 16).fill(2147483647)).sum()).toThrow(message);
    expect(int([]).sum().item()).toBe(0);
  });
});

describe('numbers that int32 does not hold are refused', () => {
  const wrong = [1.5, Number.NaN, 3e9, -2147483649, 2147483648, Number.POSITIVE_INFINITY];
  const x = tensor([5, 6], { dtype: 'int32' });
  const yes = x.greater(0);
  const generator = new cg.Generator(0);
  const places: Record<string, (value: number) => unknown> = {
    tensor: (value) => tensor([value], { dtype: 'int32' }),
    'tensor of a typed array': (value) => tensor(Float64Array.of(value), { dtype: 'int32' }),
    full: (value) => cg.full([2], value, { dtype: 'int32' }),
    add: (value) => x.add(value),
    sub: (value) => cg.sub(value, x),
    mul: (value) => x.mul(value),
    maximum: (value) => x.maximum(value),
    minimum: (value) => x.minimum(value),
    greater: (value) => x.greater(value),
    greaterEqual: (value) => x.greaterEqual(value),
    less: (value) => x.less(value),
    lessEqual: (value) => x.lessEqual(value),
    equal: (value) => x.equal(value),
    notEqual: (value) => x.notEqual(value),
    where: (value) => cg.where(yes, x, value),
    'clamp from below': (value) => x.clamp({ min: value }),
    'clamp from above': (value) => x.clamp({ max: value }),
    pad: (value) => x.pad([[1, 0]], { value }),
    batchTripletLoss: (value) => cg.batchTripletLoss(cg.ones([3, 2]), [0, 0, value]),
    batchContrastiveLoss: (value) => cg.batchContrastiveLoss(cg.ones([2, 2]), [0, value]),
    supConLoss: (value) => cg.supConLoss(cg.ones([3, 2]), [0, 0, value]),
    contrastiveLoss: (value) => cg.contrastiveLoss(cg.ones([1, 2]), cg.ones([1, 2]), [value]),
    allPairs: (value) => cg.allPairs([0, value]),
    allTriplets: (value) => cg.allTriplets([0, value]),
    mineTriplets: (value) => cg.mineTriplets(cg.ones([2, 2]), [0, value]),
    validateBatch: (value) => cg.validateBatch(cg.ones([2, 2]), [0, value]),
    contrastiveGradient: (value) => cg.contrastiveGradient(cg.ones([1, 2]), cg.ones([1, 2]), [value]),
    batchContrastiveGradient: (value) => cg.batchContrastiveGradient(cg.ones([2, 2]), [0, value]),
    batchTripletGradient: (value) => cg.batchTripletGradient(cg.ones([2, 2]), [0, value]),
    classBatch: (value) => data.classBatch([0, 0, 1, 1, value] as never, { classes: 2, perClass: 2, generator }),
    balancedPairs: (value) => data.balancedPairs([0, 0, 1, value] as never, { count: 1, generator }),
    tripletRows: (value) => data.tripletRows([0, 0, 1, value] as never, { count: 1, generator }),
    supConGradient: (value) => cg.supConGradient(cg.ones([2, 2]), [0, value]),
  };

  test.each(Object.entries(places))('%s', (name, use) => {
    for (const value of wrong) expect(() => use(value), String(value)).toThrow(cg.DTypeError);
    // A typed array makes a number of it.
    if (!name.includes('typed')) expect(() => use('2' as unknown as number)).toThrow(cg.ContragradError);
  });

  test('a cast drops fractions, and refuses what has no whole part in int32', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const cast = (values: number[]): unknown => cg.cast(tensor(values, { dtype }), 'int32').toArray();
      expect(cast([1.9, -1.9, -0.5, -2147483648])).toEqual([1, -1, 0, -2147483648]);
      for (const value of [Number.NaN, Infinity, -Infinity, 2147483648, 3e9, -2147483904]) {
        expect(() => cast([0, value]), String(value)).toThrow(/^cast: .* is no int32 at element 1$/);
      }
    }
    const doubles = tensor([2147483647.9, -2147483648.9], { dtype: 'float64' });
    expect(cg.cast(doubles, 'int32').toArray()).toEqual([2147483647, -2147483648]);
    expect(() => cg.cast(tensor(-2147483649, { dtype: 'float64' }), 'int32')).toThrow(cg.DTypeError);
    const step = cg.compile((y: Tensor) => cg.cast(y, 'int32'));
    expect(step(tensor([7.5])).toArray()).toEqual([7]);
    expect(() => step(tensor([3e9]))).toThrow(cg.DTypeError);
  });

  test('random numbers are of a float type', () => {
    expect(() => cg.rand([2], { dtype: 'int32' })).toThrow('rand: draws float32 or float64, got int32');
    expect(() => cg.randn([2], { dtype: 'int32' })).toThrow(cg.DTypeError);
  });

  test('labels that are an argument of a plan are looked at in every call', () => {
    const step = cg.compile((labels: readonly number[]) => cg.batchContrastiveLoss(cg.ones([2, 2]), labels));
    expect(step([0, 0]).item()).toBe(0);
    for (const value of wrong) expect(() => step([0, value])).toThrow(cg.DTypeError);
  });
});

describe('on a device that keeps int32 as float32', async () => {
  const device = await gpu({ mode: 'cpu' });
  afterAll(() => device.destroy());
  const most = 2 ** 24;
  const x = tensor([most - 1, most, -most], { dtype: 'int32', device });

  test('the largest numbers can be moved and compared', () => {
    expect(x.neg().min().item()).toBe(-most);
    expect(x.max().item()).toBe(most);
    expect(x.equal(most).toArray()).toEqual([0, 1, 0]);
  });

  test('what may have been rounded is refused', () => {
    const message = 'gpu:cpu: holds int32 up to 2^24 only, got';
    for (const make of [
      () => x.add(1),
      () => x.sub(-1),
      () => x.mul(3),
      () => x.square(),
      () => x.sum(),
      () => x.scatterAdd(cg.zeros([3], { dtype: 'int32', device }), x),
    ]) {
      expect(make).toThrow(message);
    }
    expect(() => x.pad([[1, 0]], { value: most + 1 })).toThrow(cg.DTypeError);
    expect(() => cg.cast(tensor([most * 2], { device }), 'int32')).toThrow(cg.DTypeError);
    expect(() => cg.randn([1], { dtype: 'float64', device })).toThrow(cg.DTypeError);
  });

  test('a plan refuses it, too', () => {
    const twice = cg.compile((y: Tensor) => y.mul(2));
    const own = (value: number): Tensor => tensor([value], { dtype: 'int32', device });
    expect(twice(own(3)).toArray()).toEqual([6]);
    expect(() => twice(own(most))).toThrow(cg.DTypeError);
  });
});
