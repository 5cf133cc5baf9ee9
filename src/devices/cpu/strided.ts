/**
 * @file Walks several operands of one shape, each through strides of its own, as few long inner runs.
 */
import type { Shape } from '../../shape.js';

/** A walk: outer positions, each the start of an inner run of `length` elements. */
export interface Walk {
  /** The elements in an inner run. */
  readonly length: number;
  /** The stride of each operand within a run. */
  readonly steps: readonly number[];
  /** Calls `visit` once for each run, with where it starts in the output and in each operand. */
  forEachRun(visit: (out: number, starts: readonly number[]) => void): void;
}

/** The axes of a walk: their sizes, and the strides of each operand along them. */
export interface MergedAxes {
  readonly sizes: Shape;
  readonly strides: readonly Shape[];
}

/** Axes of size 1 vanish, and neighbouring axes that are contiguous in every operand become one. */
export function mergeAxes(shape: Shape, strides: readonly Shape[]): MergedAxes {
  const sizes: number[] = [];
  const merged: number[][] = strides.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    if (size === 1) continue;
    const last = sizes.length - 1;
    let contiguous = last >= 0;
    for (let i = 0; contiguous && i < strides.length; i++) {
      contiguous = merged[i]![last] === strides[i]![axis]! * size;
    }
    if (contiguous) sizes[last]! *= size;
    else sizes.push(size);
    for (let i = 0; i < strides.length; i++) merged[i]![sizes.length - 1] = strides[i]![axis]!;
  }
  return { sizes, strides: merged };
}

/** Plans a walk over `shape`, with its axes merged, so that a contiguous operation is a single run. */
export function walk(shape: Shape, strides: readonly Shape[]): Walk {
  const axes = mergeAxes(shape, strides);
  const sizes = axes.sizes.slice(0, -1);
  const merged = axes.strides;
  const length = axes.sizes.at(-1) ?? 1;
  const steps = merged.map((own) => own[sizes.length] ?? 0);

  return {
    length,
    steps,
    forEachRun(visit) {
      const index = sizes.map(() => 0);
      const starts = strides.map(() => 0);
      for (let out = 0; ; out += length) {
        visit(out, starts);
        let axis = sizes.length - 1;
        for (; axis >= 0; axis--) {
          index[axis]!++;
          for (let i = 0; i < starts.length; i++) starts[i]! += merged[i]![axis]!;
          if (index[axis]! < sizes[axis]!) break;
          for (let i = 0; i < starts.length; i++) starts[i]! -= merged[i]![axis]! * sizes[axis]!;
          index[axis] = 0;
        }
        if (axis < 0) return;
      }
    },
  };
}
