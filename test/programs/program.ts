/**
 * @file Training programs as plain data: what a stranger might write, in a form that this project and PyTorch can both run.
 *
 * All matrices are `[size, size]` and all rows `[size]`, so that every tensor fits wherever one of its kind is wanted: a weight as an
 * argument, an argument as a target.
 */

/** What a tensor can stand for. */
export type Kind = 'matrix' | 'row' | 'labels';

/** A part of an encoder: a linear layer, a linear layer's weight transposed, a normalisation, an activation. */
export type Part =
  | { readonly layer: number }
  | { readonly transposed: number }
  | { readonly norm: number }
  | { readonly activation: 'Tanh' | 'Sigmoid' | 'GELU' | 'Softplus' };

/** What a step reads: an argument of its own, or a tensor that it holds, by name. */
export type Operand = { readonly argument: number } | { readonly leaf: string };

/** A part of a loss. */
export type Term =
  /** The mean of log(1 + (f(x) - to)²). What is unbounded here would let programs run away. */
  | { readonly term: 'match'; readonly encoder: number; readonly x: Operand; readonly to: Operand }
  /** The mean of x ⊙ y. */
  | { readonly term: 'product'; readonly x: Operand; readonly y: Operand }
  /** The mean of softplus(x + row). */
  | { readonly term: 'shift'; readonly x: Operand; readonly row: Operand }
  /** The mean of tanh(f(x) at the labels). */
  | { readonly term: 'pick'; readonly encoder: number; readonly x: Operand; readonly labels: Operand }
  /** InfoNCE of f(x) and g(y), at a temperature of 0.5, or at a learned one between 1/e and e. */
  | {
      readonly term: 'infoNCE';
      readonly encoders: readonly [number, number];
      readonly x: Operand;
      readonly y: Operand;
      readonly learned: boolean;
    }
  /** The mean of the squares of a tensor that the step holds. */
  | { readonly term: 'decay'; readonly leaf: string }
  /** The mean of x ⊙ noise. */
  | { readonly term: 'noise'; readonly x: Operand };

/** One thing that a step does. */
export type Statement =
  | { readonly do: 'loss'; readonly terms: readonly Term[] }
  | { readonly do: 'backward' }
  | { readonly do: 'zeroGrad' | 'step'; readonly optimizer: number }
  | { readonly do: 'clip'; readonly optimizer: number; readonly most: number }
  /** A running average: into ← (1 - share) into + share · from. */
  | { readonly do: 'average'; readonly into: string; readonly from: Operand; readonly share: number }
  /** Throws in a call that is to fail. */
  | { readonly do: 'throw' }
  /** Returns what a tensor that the step holds, or its gradient where there is one, is at this moment. */
  | { readonly do: 'give'; readonly what: 'numbers' | 'gradient'; readonly leaf: string };

/** A function that is called again and again. */
export interface Step {
  readonly takes: readonly Kind[];
  /** Whether its arguments come one by one, or in an object. */
  readonly form: 'list' | 'object';
  /** Whether it runs without gradients. */
  readonly evaluates: boolean;
  readonly body: readonly Statement[];
}

/** What a call gives for an argument. */
export type Given =
  /** A new tensor. */
  | { readonly fresh: number }
  /** A new leaf, which collects a gradient. */
  | { readonly trained: number }
  /** New numbers in plain arrays. */
  | { readonly array: number }
  /** A tensor that lasts, which the step may hold too. */
  | { readonly leaf: string }
  /** Another tensor with the numbers of one that lasts. */
  | { readonly twin: string }
  /** An argument before it. */
  | { readonly same: number };

/** What happens, in order. */
export type Happening =
  | {
      readonly do: 'call';
      readonly step: number;
      readonly given: readonly Given[];
      /** Whether this call is never compiled. */
      readonly eagerly: boolean;
      /** Whether it throws, or which of its arguments holds a label that does not exist; nothing changes then. */
      readonly fails: 'throw' | number | null;
    }
  | { readonly do: 'freeze' | 'unfreeze'; readonly leaf: string }
  | { readonly do: 'lr'; readonly optimizer: number; readonly value: number }
  | { readonly do: 'schedule' | 'zeroGrad' | 'step'; readonly optimizer: number }
  /** Keeps the state of all, or goes back to what was kept last; to the very first where nothing was. */
  | { readonly do: 'save' | 'load'; readonly what: 'model' | 'optimizers' }
  | {
      readonly do: 'assign';
      readonly leaf: string;
      readonly from: { readonly fresh: number } | { readonly leaf: string };
    }
  /** A layer gets another weight, or a normalisation another momentum. */
  | { readonly do: 'replace'; readonly layer: number; readonly fresh: number }
  | { readonly do: 'momentum'; readonly norm: number; readonly value: number }
  | { readonly do: 'train' | 'eval' }
  /** Looks at all numbers. */
  | { readonly do: 'read' };

/** An optimizer and what it trains. */
export interface Trained {
  readonly kind: 'SGD' | 'Adam' | 'AdamW';
  readonly options: Readonly<Record<string, number | boolean>>;
  /** One of the encoders; null for all of them. */
  readonly encoder: number | null;
  /** Tensors besides. */
  readonly leaves: readonly string[];
  readonly schedule: { readonly stepSize: number; readonly gamma: number } | { readonly tMax: number } | null;
}

/** A training program. */
export interface Program {
  readonly size: number;
  /** For each linear layer, whether it has a bias. */
  readonly layers: readonly boolean[];
  readonly norms: readonly ('batch' | 'layer')[];
  readonly encoders: readonly (readonly Part[])[];
  /** Where the first numbers of each tensor come from, by its name. */
  readonly seeds: Readonly<Record<string, number>>;
  /** Tensors that are frozen from the start. */
  readonly frozen: readonly string[];
  readonly optimizers: readonly Trained[];
  readonly steps: readonly Step[];
  readonly happenings: readonly Happening[];
}

/** The tensors of every program beside its layers, and whether they can be trained. */
export const HELD: Readonly<Record<string, { readonly kind: Kind | 'scalar'; readonly trained: boolean }>> = {
  a: { kind: 'matrix', trained: false },
  b: { kind: 'matrix', trained: false },
  p: { kind: 'matrix', trained: true },
  r: { kind: 'row', trained: false },
  s: { kind: 'row', trained: true },
  labels: { kind: 'labels', trained: false },
  others: { kind: 'labels', trained: false },
  temperature: { kind: 'scalar', trained: true },
};

/** `count` numbers in [-1, 1) from a seed: the same ones in every language with IEEE numbers. */
export function draw(seed: number, count: number): number[] {
  const modulus = 2147483647;
  let state = ((seed + 1) * 16807) % modulus;
  return Array.from({ length: count }, () => {
    state = (state * 48271) % modulus;
    return (2 * state) / modulus - 1;
  });
}

/** Labels from 0 to `size` - 1 from a seed. */
export const drawLabels = (seed: number, size: number): number[] =>
  draw(seed, size).map((value) => Math.floor(((value + 1) / 2) * size));

/** The names of the parameters in an encoder, in order, those of a layer that comes twice twice. */
export function parametersIn(
  { layers, encoders }: Pick<Program, 'layers' | 'encoders'>,
  encoder: number | null,
): string[] {
  const parts = encoder === null ? encoders.flat() : encoders[encoder]!;
  return parts.flatMap((part) => {
    if ('norm' in part) return [`norm${part.norm}.weight`, `norm${part.norm}.bias`];
    const layer = 'layer' in part ? part.layer : 'transposed' in part ? part.transposed : null;
    if (layer === null) return [];
    return [`layer${layer}.weight`, ...(layers[layer] ? [`layer${layer}.bias`] : [])];
  });
}
