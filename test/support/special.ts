/**
 * @file What NaN, infinities and -0 become in every row of the table of cases: PyTorch's answers (test/golden/special.json), plain loops where it has none,
 * and how a device differs from them. Runs in Node and in a page.
 */
import type { Device } from '../../src/devices/device.js';
import { grad, type Tensor, tensor, useDevice } from '../../src/index.js';
import { sizeOf } from '../../src/shape.js';
import type { Case } from '../ops/cases.js';
import { flat, type Nested } from '../ops/references.js';
import { titleOf } from '../ops/table.js';

interface Described {
  readonly shape: readonly number[];
  readonly dtype: 'float64' | 'int32';
  readonly data: string;
}

/** The file. */
export interface SpecialGolden {
  readonly versions: { readonly torch: string };
  /** The gradient of a result, again and again. */
  readonly seed: readonly number[];
  readonly grids: Readonly<Record<string, readonly Described[]>>;
  readonly rows: readonly {
    readonly row: string;
    readonly inputs: readonly Described[] | string;
    readonly shape: readonly number[];
    readonly plain: readonly string[];
    readonly cases: readonly (readonly string[])[];
  }[];
}

/** One call of a row, and what it must give. */
export interface SpecialCase {
  /** What is planted: triples of an input, a place in it, and a number. */
  readonly plants: string;
  readonly inputs: readonly {
    readonly shape: readonly number[];
    readonly dtype: 'float64' | 'int32';
    readonly data: readonly number[];
  }[];
  /** The value, then the gradients of the inputs of a float type, where they have any. */
  readonly wanted: readonly (readonly number[])[];
}

/** Rows that PyTorch has no answer for, and why. */
export const WITHOUT: Readonly<Record<string, string>> = {
  cast: 'int32 holds neither NaN nor infinities: C leaves undefined what they become',
  dropout: 'its random numbers are its own',
  'nn.Dropout': 'its random numbers are its own',
  oneHot: 'it takes no numbers of a float type',
  to: 'devices differ',
};

/** Rows that take either zero, and why. */
export const EITHER_ZERO: Readonly<Record<string, string>> = {
  maximum: 'which of two zeros is the larger depends on the processor in PyTorch',
  minimum: 'as for maximum',
  relu: 'as for maximum',
  'nn.ReLU': 'as for maximum',
  'fold (side by side)': 'PyTorch adds -0 to 0; here nothing is added up',
};

const at = (list: readonly number[], i: number): number => list[i % list.length]!;

/** A list of numbers as text; a single one stands for all. */
const numbers = (text: string, size: number): number[] => {
  const list = text.split(' ').map(Number);
  return Array.from({ length: size }, (_, i) => at(list, i));
};

function goldenCases(golden: SpecialGolden, title: string): SpecialCase[] {
  const answer = golden.rows.find(({ row }) => row === title);
  if (answer === undefined) return [];
  const { inputs, shape, plain, cases } = answer;
  const given = (typeof inputs === 'string' ? golden.grids[inputs]! : inputs).map((input) => ({
    ...input,
    data: numbers(input.data, sizeOf(input.shape)),
  }));
  const floats = given.filter(({ dtype }) => dtype === 'float64');
  const sizes = [sizeOf(shape), ...floats.map(({ data }) => data.length)];
  const ordinary = plain.map((text, part) => numbers(text, sizes[part]!));
  const planted = cases.map(([plants, ...texts]): SpecialCase => {
    const copies = given.map((input) => ({ ...input, data: [...input.data] }));
    for (const [, index, place, special] of plants!.matchAll(/(\d+) (\d+) (\S+)/g)) {
      copies[Number(index)]!.data[Number(place)] = Number(special);
    }
    const wanted = texts.map((text, part) => {
      const tokens = text.split(' ');
      return ordinary[part]!.map((value, i) => {
        const token = tokens[i % tokens.length]!;
        return token === '=' ? value : Number(token);
      });
    });
    return { plants: plants!, inputs: copies, wanted };
  });
  return [{ plants: '', inputs: given, wanted: ordinary }, ...planted];
}

/** By plain loops: what a row makes of each element, and of the gradient there, is that element times a factor. */
function loopCases(row: Case, { seed }: SpecialGolden): SpecialCase[] {
  const dtype = 'float64';
  if (row.covers === 'cast') {
    const input = { shape: [5], dtype, data: [-0, 0, 1.5, -2.5, 7] } as const;
    return [{ plants: '', inputs: [input], wanted: [[0, 0, 1, -2, 7]] }];
  }
  if (row.covers === 'oneHot') return [];
  const data = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1.5, -2.5, 7];
  const ones: Nested = [data.slice(4), data.slice(4)].map((line) => line.map(() => 1));
  // What dropout keeps is the reference's to say.
  const factors = flat(row.reference!(ones));
  const wanted = [data.map((v, i) => v * factors[i]!), factors.map((factor, i) => factor * at(seed, i))];
  return [{ plants: '', inputs: [{ shape: [2, 4], dtype, data }], wanted }];
}

/** The cases of a row. */
export function specialCases(row: Case, golden: SpecialGolden): SpecialCase[] {
  return titleOf(row) in WITHOUT ? loopCases(row, golden) : goldenCases(golden, titleOf(row));
}

/** A row as a step: its value, and its gradients where it has any. */
export function stepOf(row: Case, { seed }: SpecialGolden): (...inputs: Tensor[]) => Tensor[] {
  return (...inputs) => {
    const out = row.fn(...inputs);
    if (!out.requiresGrad) return [out];
    const list = Float64Array.from({ length: out.size }, (_, i) => at(seed, i));
    const gradient = tensor(list, { shape: out.shape, dtype: out.dtype, device: out.device });
    const wanted = inputs.filter((x) => x.requiresGrad);
    return [out, ...grad(out, wanted, { gradient, allowUnused: true })];
  };
}

/** How results are compared. */
export interface Comparison {
  /** Relative to the largest finite number of a result, at least 1. */
  readonly tolerance: number;
  /** Whether a value of 0 must have its sign. */
  readonly signedZeros: boolean;
}

/** Where results differ from what is wanted, in words. */
export function differencesOf(
  actual: readonly ArrayLike<number>[],
  { plants, wanted }: SpecialCase,
  { tolerance, signedZeros }: Comparison,
): string[] {
  if (actual.length !== wanted.length) return [`${plants}: ${actual.length} results, expected ${wanted.length}`];
  return wanted.flatMap((list, part) => {
    const scale = list.reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 1);
    // Whether a gradient is NaN or infinite at an infinite input depends on the order of its sums.
    const loose = part > 0 && plants.includes('Infinity');
    const agree = (x: number, y: number): boolean => {
      if (x === 0 && y === 0 && part === 0 && signedZeros) return Object.is(x, y);
      if (Object.is(x, y) || x === y || Math.abs(x - y) <= tolerance * scale) return true;
      return loose && !Number.isFinite(x) && !Number.isFinite(y);
    };
    const found = Array.from(actual[part]!);
    if (found.length === list.length && found.every((x, i) => agree(x, list[i]!))) return [];
    const name = part === 0 ? 'value' : `gradient ${part - 1}`;
    return [`[${plants}] ${name}: ${found.join(' ')}; expected ${list.join(' ')}`];
  });
}

/** The inputs of a case on a device. */
export function leavesOf({ inputs }: SpecialCase, device: Device, type: 'float32' | 'float64'): Tensor[] {
  return inputs.map(({ shape, dtype, data }) => {
    const isFloat = dtype === 'float64';
    return tensor([...data], { shape, dtype: isFloat ? type : dtype, device, requiresGrad: isFloat });
  });
}

/** Where a row runs. */
export interface Place extends Comparison {
  readonly device: Device;
  readonly dtype: 'float32' | 'float64';
}

/** What a row gives, beside what it must give. */
export async function specialDifferences(
  row: Case,
  golden: SpecialGolden,
  { device, dtype, ...comparison }: Place,
  run: (...inputs: Tensor[]) => Tensor[] = stepOf(row, golden),
): Promise<string[]> {
  const found: string[] = [];
  for (const each of specialCases(row, golden)) {
    const parts = useDevice(device, () => run(...leavesOf(each, device, dtype)));
    found.push(...differencesOf(await Promise.all(parts.map((x) => x.data())), each, comparison));
  }
  return found;
}
