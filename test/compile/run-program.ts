/** @file Runs a program eagerly and compiled, and compares what it saw. */
import { expect } from 'vitest';
import { compile, type DType, Tensor, tensor } from '../../src/index.js';

/** What a program is written with. */
export interface Tools {
  /** The type that the program runs in. */
  readonly options: { readonly dtype: DType };
  /** A leaf of that type. */
  leaf(data: number | number[] | number[][], isTrained?: boolean): Tensor;
  /** Compiles a step, or leaves it as it is. */
  wrap<Args extends readonly unknown[], Result>(step: (...args: Args) => Result): (...args: Args) => Result;
}

/** Something that a program saw: numbers, or what holds them. */
export type Sight = Tensor | number | string | boolean | null | undefined | readonly Sight[];

/** One program; it returns what it saw. */
export interface Program {
  readonly name: string;
  run(tools: Tools): Sight[];
  /** What the compiled step says, where it cannot be right. */
  readonly refuses?: RegExp;
}

/** An executor, the type that brings it about, and how far numbers may be apart. */
type Executor = readonly [name: string, dtype: DType, tolerance: number];

export const executors: readonly Executor[] = [
  ['wasm', 'float32', 1e-5],
  ['generic', 'float64', 1e-12],
];

function plain(sight: Sight): unknown {
  if (sight instanceof Tensor) return { shape: sight.shape, data: [...sight.dataSync()] };
  return Array.isArray(sight) ? sight.map(plain) : sight;
}

/** Throws unless a program sees the same, compiled for an executor, as it sees eagerly. */
export function expectSame(run: (tools: Tools) => Sight[], [executor, dtype, tolerance]: Executor): void {
  const others = new Set<string>();
  const seen = (wrap: Tools['wrap']): unknown => {
    const leaf: Tools['leaf'] = (data, requiresGrad = false) => tensor(data, { dtype, requiresGrad });
    return plain(run({ options: { dtype }, leaf, wrap }));
  };
  const wanted = seen((step) => step);
  const actual = seen((step) => {
    const compiled = compile(step);
    return (...args) => {
      const result = compiled(...args);
      if (compiled.plan !== null && compiled.plan.executor !== executor) others.add(compiled.plan.executor);
      return result;
    };
  });
  expect(rounded(actual, wanted, tolerance)).toEqual(wanted);
  expect([...others]).toEqual([]);
}

/** What was seen, with each number that is near enough to the wanted one replaced by that. */
function rounded(actual: unknown, wanted: unknown, tolerance: number): unknown {
  if (typeof actual === 'number' && typeof wanted === 'number') {
    const isNear = Math.abs(actual - wanted) <= tolerance * Math.max(1, Math.abs(wanted));
    return isNear && Number.isFinite(wanted) ? wanted : actual;
  }
  if (typeof actual !== 'object' || typeof wanted !== 'object' || actual === null || wanted === null) return actual;
  const pairs = Object.entries(actual).map(([key, value]) => {
    return [key, rounded(value, (wanted as Record<string, unknown>)[key], tolerance)] as const;
  });
  return Array.isArray(actual) ? pairs.map(([, value]) => value) : Object.fromEntries(pairs);
}
