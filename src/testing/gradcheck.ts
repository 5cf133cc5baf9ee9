/**
 * @file Holds analytic gradients against central finite differences.
 */
import { grad } from '../autograd/backward.js';
import { tensor } from '../autograd/create.js';
import type { Tensor } from '../autograd/tensor.js';
import { ArgumentError, DTypeError, GraphError } from '../errors.js';
import { add, mul } from '../ops/arithmetic.js';
import { sum } from '../ops/reduce.js';
import { Generator } from '../random.js';
import { formatShape, type Shape, sizeOf, stridesOf } from '../shape.js';

/** Options of {@link gradcheck}. */
export interface GradcheckOptions {
  /** The largest |a - n| / max(1, |a|, |n|, |f|) that counts as agreement. Default 1e-6, for second order 1e-4. */
  readonly tolerance?: number;
  /** The step of the differences, relative to max(1, |x|). Default 1e-5, for second order 1e-4. */
  readonly step?: number;
  /** 1 checks the gradient; 2 also the gradient of the gradient. Default 1. */
  readonly order?: 1 | 2;
  /** How many random directions are checked besides the single elements. Default 3. */
  readonly directions?: number;
  /** The name that failures give the function. Default: its own. */
  readonly name?: string;
  /** Seeds the weights of the result and the directions. Default 0. */
  readonly seed?: number;
}

type Fn = (...inputs: Tensor[]) => Tensor;

/** What `gradcheck` found out. */
export interface GradcheckReport {
  /** How many derivatives were compared. */
  readonly compared: number;
  /** How many were left out because a kink lies within a step: the two one-sided differences disagree. */
  readonly kinks: number;
}

/**
 * Checks a function's gradients against central finite differences in `float64`, element by element and along random
 * directions. The result is weighted by fixed random numbers and summed, so that no part of it can hide.
 *
 * Where the function has a kink within a step (its one-sided differences disagree, and keep disagreeing as the step
 * shrinks), the element is left out and counted; when that leaves nothing to compare, it is an error.
 *
 * @param fn - Takes the inputs, returns one tensor of a float type.
 * @param inputs - `float64` tensors are differentiated; `int32` ones are passed as they are.
 * @returns How many derivatives were compared, and how many kinks were met.
 * @throws {@link GraphError} on the first disagreement; it names function, input, element, both values and the tolerance.
 * @throws {@link DTypeError} on a `float32` input: differences need `float64`.
 *
 * @example
 * ```ts
 * import { gradcheck, randn, tanh } from 'contragrad';
 *
 * const x = randn([2, 3], { dtype: 'float64' });
 * console.log(gradcheck(tanh, [x]).compared); // 9
 * ```
 */
export function gradcheck(
  fn: (...inputs: Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): GradcheckReport {
  const { order = 1, seed = 0, directions = 3, name = fn.name || 'the function' } = options;
  const generator = new Generator(seed);
  inputs.forEach((input, index) => {
    if (input.dtype === 'float32') {
      throw new DTypeError('gradcheck', `input ${index} must be float64, got float32`, "use cast(x, 'float64')");
    }
  });
  const first = check(weighted(fn, generator), inputs, generator, {
    name,
    directions,
    tolerance: (order === 1 ? options.tolerance : undefined) ?? 1e-6,
    step: (order === 1 ? options.step : undefined) ?? 1e-5,
  });
  if (order === 1) return first;

  const differentiated = inputs.filter((input) => input.dtype === 'float64');
  const scalar = weighted(fn, generator);
  const gradient = weighted((...leaves: Tensor[]) => {
    const grads = grad(
      scalar(...leaves),
      leaves.filter((leaf) => leaf.dtype === 'float64'),
      {
        createGraph: true,
        allowUnused: true,
      },
    );
    return grads.map((g) => sum(mul(g, weightsFor(g.shape, seed)))).reduce((total, part) => add(total, part));
  }, generator);
  if (differentiated.length === 0) return first;
  const second = check(gradient, inputs, generator, {
    name: `the gradient of ${name}`,
    directions,
    tolerance: options.tolerance ?? 1e-4,
    step: options.step ?? 1e-4,
  });
  return { compared: first.compared + second.compared, kinks: first.kinks + second.kinks };
}

function weightsFor(shape: Shape, seed: number): Tensor {
  const generator = new Generator(seed + 1);
  return tensor(
    Float64Array.from({ length: sizeOf(shape) }, () => 0.5 + generator.uniform()),
    { shape },
  );
}

/** The function as a scalar: every element of its result times a number between 0.5 and 1.5, of either sign. */
function weighted(fn: Fn, generator: Generator): Fn {
  let weights: Tensor | undefined;
  return (...inputs) => {
    const out = fn(...inputs);
    weights ??= tensor(
      Float64Array.from({ length: out.size }, () => (0.5 + generator.uniform()) * (generator.integer(2) ? 1 : -1)),
      { shape: out.shape },
    );
    return sum(mul(out, weights));
  };
}

interface Settings {
  readonly name: string;
  readonly tolerance: number;
  readonly step: number;
  readonly directions: number;
}

function check(scalar: Fn, inputs: readonly Tensor[], generator: Generator, settings: Settings): GradcheckReport {
  const { name, tolerance, step, directions } = settings;
  const points = inputs.map((input) => input.dataSync());
  const leaves = inputs.map((input, index) => leafOf(input, points[index]!));
  const out = scalar(...leaves);
  const value = out.item();
  const wanted = leaves.filter((leaf) => leaf.requiresGrad);
  const grads = out.requiresGrad
    ? grad(out, wanted, { allowUnused: true }).map((g) => g.dataSync())
    : wanted.map((leaf) => new Float64Array(leaf.size));
  const at = (index: number, moved: Float64Array): number =>
    scalar(...inputs.map((input, i) => leafOf(input, i === index ? moved : points[i]!))).item();

  let compared = 0;
  let kinks = 0;
  let which = 0;
  inputs.forEach((input, index) => {
    if (input.dtype !== 'float64') return;
    const analytic = grads[which++]!;
    const point = points[index]! as Float64Array;
    for (const direction of [...axesOf(point.length), ...randomOnes(point.length, directions, generator)]) {
      const along = direction.indices.reduce((total, i, t) => total + analytic[i]! * direction.parts[t]!, 0);
      const difference = differenceAlong((moved) => at(index, moved), point, direction, value, step, tolerance);
      if (difference === null) {
        kinks++;
        continue;
      }
      compared++;
      const scale = Math.max(1, Math.abs(along), Math.abs(difference), Math.abs(value));
      if (!(Math.abs(along - difference) <= tolerance * scale)) {
        const place =
          direction.indices.length === 1 ? elementName(direction.indices[0]!, input.shape) : 'a random direction';
        throw new GraphError(
          'gradcheck',
          `${name}, input ${index}, ${place}: the gradient is ${along}, the finite difference ${difference} (tolerance ${tolerance} x ${scale})`,
          'check the pull-back of this input',
        );
      }
    }
  });
  if (compared === 0 && kinks > 0) {
    throw new ArgumentError('gradcheck', `${name}: all ${kinks} derivatives lie at kinks`, 'check at other points');
  }
  return { compared, kinks };
}

interface Direction {
  readonly indices: readonly number[];
  readonly parts: readonly number[];
}

function axesOf(length: number): Direction[] {
  return Array.from({ length }, (_, index) => ({ indices: [index], parts: [1] }));
}

function randomOnes(length: number, count: number, generator: Generator): Direction[] {
  if (length === 0) return [];
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length }, () => generator.normal());
    const norm = Math.hypot(...parts);
    return { indices: parts.map((_, index) => index), parts: parts.map((part) => part / norm) };
  });
}

/** The central difference along a direction; null at a kink. */
function differenceAlong(
  f: (moved: Float64Array) => number,
  point: Float64Array,
  { indices, parts }: Direction,
  value: number,
  relative: number,
  tolerance: number,
): number | null {
  const size = Math.max(1, ...indices.map((i) => Math.abs(point[i]!)));
  const step = relative * size;
  const moved = (distance: number): number => {
    const copy = point.slice();
    indices.forEach((i, t) => {
      copy[i]! += distance * parts[t]!;
    });
    return f(copy);
  };
  const jump = (h: number): { central: number; gap: number } => {
    const [up, down] = [moved(h), moved(-h)];
    return { central: (up - down) / (2 * h), gap: Math.abs(up - 2 * value + down) / h };
  };
  const wide = jump(step);
  // The gap between the one-sided slopes shrinks with the step where the function is smooth, and stays at a kink.
  const scale = Math.max(1, Math.abs(wide.central), Math.abs(value));
  if (wide.gap > 100 * tolerance * scale && wide.gap > 1e-3 * scale) {
    const narrow = jump(step / 8);
    if (narrow.gap > wide.gap / 2) return null;
  }
  return wide.central;
}

function leafOf(input: Tensor, data: ReturnType<Tensor['dataSync']>): Tensor {
  const { shape, dtype, device } = input;
  return tensor(data, { shape, device, requiresGrad: dtype === 'float64' });
}

function elementName(flat: number, shape: Shape): string {
  let rest = flat;
  const index = stridesOf(shape).map((stride) => {
    const position = Math.floor(rest / stride);
    rest -= position * stride;
    return position;
  });
  return `element ${formatShape(index)}`;
}
