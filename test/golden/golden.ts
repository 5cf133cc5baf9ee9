/** @file PyTorch's values and gradients, and how far the project's are from them. */
import { readFileSync } from 'node:fs';
import * as cg from '../../src/index.js';
import { grad, type Tensor, tensor } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';

interface Result {
  readonly out: number[];
  readonly gradients: number[][] | null;
}

/** One call of an operation or loss, and PyTorch's answer. */
export interface Golden {
  readonly op: string;
  readonly inputs: readonly { shape: number[]; dtype: 'float64' | 'int32'; data: number[] }[];
  /** What the function takes after its tensors; `{ input: i }` stands for input i. */
  readonly args: readonly unknown[];
  /** 1 / temperature. */
  readonly scale: number;
  readonly shape: number[];
  readonly float64: Result;
  readonly float32: Result;
}

const golden = JSON.parse(readFileSync('test/golden/values.json', 'utf8')) as {
  cases: readonly Golden[];
};

/** All of them. */
export const goldenCases: readonly Golden[] = golden.cases;

const takesList = new Set(['concat', 'stack']);

function call({ op, args }: Golden, inputs: Tensor[]): Tensor {
  const fn = (cg as unknown as Record<string, (...all: unknown[]) => Tensor | Tensor[]>)[op]!;
  const named = new Set<number>();
  const resolved = args.map((arg) =>
    typeof arg !== 'object' || arg === null || Array.isArray(arg)
      ? arg
      : Object.fromEntries(
          Object.entries(arg as Record<string, unknown>).map(([key, value]) => {
            const at = (value as { input?: number } | null)?.input;
            if (at === undefined) return [key, value];
            named.add(at);
            return [key, inputs[at]];
          }),
        ),
  );
  const positional = inputs.filter((_, i) => !named.has(i));
  const out = takesList.has(op) ? fn(positional, ...resolved) : fn(...positional, ...resolved);
  return Array.isArray(out) ? out[1]! : out;
}

/** The largest error of value and gradients, relative to the largest magnitude of each tensor; infinite on a mismatch. */
export function goldenError(golden: Golden, dtype: 'float64' | 'float32'): number {
  const leaves = golden.inputs.map(({ shape, dtype: given, data }) =>
    tensor(data, { shape, dtype: given === 'int32' ? given : dtype, requiresGrad: given !== 'int32' }),
  );
  const out = call(golden, leaves);
  const wanted = golden[dtype];
  if (out.shape.join() !== golden.shape.join() || out.requiresGrad !== (wanted.gradients !== null)) {
    return Number.POSITIVE_INFINITY;
  }
  const error = (actual: Tensor, expected: number[]): number => {
    const largest = Math.max(...expected.map(Math.abs)) || 1;
    const scaled = (list: Iterable<number>): number[] => Array.from(list, (v) => v / largest);
    return furthest(scaled(actual.dataSync()), scaled(expected), 'largest').error;
  };
  if (wanted.gradients === null) return error(out, wanted.out);
  const seed = Float64Array.from({ length: out.size }, (_, i) => Math.cos(1 + i));
  const gradients = grad(
    out,
    leaves.filter((leaf) => leaf.requiresGrad),
    { gradient: tensor(seed, { shape: out.shape, dtype }), allowUnused: true },
  );
  return Math.max(error(out, wanted.out), ...gradients.map((g, i) => error(g, wanted.gradients![i]!)));
}
