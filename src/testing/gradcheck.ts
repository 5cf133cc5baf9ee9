/**
 * @file Checks analytic gradients against central finite differences.
 */
import { grad } from '../autograd/backward.js';
import { tensor } from '../autograd/create.js';
import { checkTensor, checkTensors } from '../autograd/op.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkChoice, checkKind, checkPositive, checkRange, checkWhole, readOptions } from '../checks.js';
import { isFloat, type TypedArray } from '../dtype.js';
import { ArgumentError, DTypeError, GraphError } from '../errors.js';
import { add, mul } from '../ops/arithmetic.js';
import { sum } from '../ops/reduce.js';
import { Generator } from '../random.js';
import { formatShape, type Shape, stridesOf } from '../shape.js';
import { Line, type Part } from './differences.js';

/** Options of {@link gradcheck}. */
export interface GradcheckOptions {
  /** The largest |a - n| / max(|a|, |n|) that counts as agreement, beside what rounding explains. Default 1e-6, for second order 1e-4. */
  readonly tolerance?: number;
  /** The step that is tried first, relative to max(1, |x|). Default 1e-5, for second order 1e-4. */
  readonly step?: number;
  /** 1 checks the gradient; 2 also the gradient of the gradient, by the inputs and by the gradient that comes in. Default 1. */
  readonly order?: 1 | 2;
  /** How many random directions are checked besides the single elements. Default 3. */
  readonly directions?: number;
  /** The name that failures give the function. Default: its own. */
  readonly name?: string;
  /** Seeds the weights of the result and the directions. Default 0. */
  readonly seed?: number;
}

/** More random directions than this end on no day. */
const MOST_DIRECTIONS = 2 ** 20;

/** Takes tensors, gives those whose derivatives are checked. */
type Fn = (...inputs: Tensor[]) => Tensor[];

/** What `gradcheck` found out. */
export interface GradcheckReport {
  /** How many derivatives were compared. */
  readonly compared: number;
  /** How many were left out because a kink, or the end of the domain, lies closer than any step can tell. */
  readonly kinks: number;
  /** How many derivatives other than 0 cannot be told from 0, since rounding hides them; there only where there are some. */
  readonly hidden?: number;
}

/**
 * Checks a function's gradients against central finite differences in `float64`, element by element and along random
 * directions. The result is weighted by fixed random numbers and summed, so that no part of it can hide; parts that change at
 * very different speeds are summed apart.
 *
 * A gradient a agrees with a difference n when |a - n| <= tolerance max(|a|, |n|) + e. What rounding and the step explain, e, is measured:
 * where the first step does not settle it, differences are taken at about 16 step sizes, and n is that of the step with the smallest e. It is 16 times the
 * noise over the step, the noise being one unit in the last place of the result, or as much as neighbouring differences disagree; or 8 times what changes
 * in the last digits of the inputs and of the gradient that comes in do to a, where that is more. A gradient that is not finite where the function is finite nearby disagrees.
 *
 * Where the function has a kink (its one-sided differences disagree, and keep disagreeing as the step shrinks) or ends, the element is
 * left out and counted; when that leaves nothing to compare, it is an error.
 *
 * Second order checks (x, g) ↦ grad(f(x), x, g) as a function of both: a pull-back must pass gradients on to the one that comes in.
 *
 * @param fn - Takes the inputs, returns one `float64` tensor; the same one at each call. What computes in `float32` on the way is a staircase to it.
 * @param inputs - `float64` tensors are differentiated; `int32` ones are passed as they are.
 * @returns How many derivatives were compared, and how many kinks were met.
 * @throws {@link GraphError} on the first disagreement; it names function, input, element, both values and the tolerance.
 * @throws {@link DTypeError} on a `float32` input or result: differences need `float64`.
 * @throws {@link ArgumentError} when the function returns no tensor, numbers that are not finite, or others at a second call.
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
  options?: GradcheckOptions,
): GradcheckReport {
  checkKind('gradcheck', 'the function', fn, 'function');
  checkTensors('gradcheck', inputs);
  const { order, seed, directions, name, tolerance, step } = readOptions('gradcheck', options, {
    order: 1,
    seed: 0,
    directions: 3,
    name: fn.name || 'the function',
    tolerance: undefined,
    step: undefined,
  });
  checkKind('gradcheck', 'name', name, 'string');
  checkChoice('gradcheck', 'order', String(order), ['1', '2']);
  checkWhole('gradcheck', 'directions', directions, 0);
  if (directions > MOST_DIRECTIONS) {
    throw new ArgumentError('gradcheck', `directions must be at most ${MOST_DIRECTIONS}, got ${directions}`);
  }
  if (tolerance !== undefined) checkRange('gradcheck', 'tolerance', tolerance);
  if (step !== undefined) checkPositive('gradcheck', 'step', step);
  for (const [index, input] of inputs.entries()) checkFloat64(`input ${index}`, input);
  const generator = new Generator(seed);
  const own: Fn = (...given) => {
    const out = fn(...given);
    checkFloat64(`what ${name} returns`, out);
    if (!isFloat(out.dtype)) throw new DTypeError('gradcheck', `${name} must return float64, got ${out.dtype}`);
    return [out];
  };
  const first = check(own, inputs, generator, {
    name,
    directions,
    tolerance: (order === 1 ? tolerance : undefined) ?? 1e-6,
    step: (order === 1 ? step : undefined) ?? 1e-5,
  });
  if (order === 1 || !inputs.some(isLeaf)) return first;

  // Besides the inputs it takes the gradient of the result.
  const gradient: Fn = (...given) => {
    const gradient = given.pop()!;
    return grad(own(...given)[0]!, given.filter(isLeaf), { gradient, createGraph: true, allowUnused: true });
  };
  const { size, shape, device, requiresGrad } = own(...inputs.map((input) => leafOf(input, input.dataSync())))[0]!;
  if (!requiresGrad) return first;
  const incoming = tensor(weightsFor(size, generator), { shape, device });
  const second = check(gradient, [...inputs, incoming], generator, {
    name: `the gradient of ${name}`,
    directions,
    tolerance: tolerance ?? 1e-4,
    step: step ?? 1e-4,
    incoming: inputs.length,
  });
  return report(
    first.compared + second.compared,
    first.kinks + second.kinks,
    (first.hidden ?? 0) + (second.hidden ?? 0),
  );
}

const isLeaf = (input: Tensor): boolean => input.dtype === 'float64';

function report(compared: number, kinks: number, hidden: number): GradcheckReport {
  return { compared, kinks, ...(hidden > 0 && { hidden }) };
}

function checkFloat64(what: string, value: unknown): void {
  checkTensor('gradcheck', value, what);
  if (value.dtype === 'float32') {
    throw new DTypeError('gradcheck', `${what} must be float64, got float32`, "use cast(x, 'float64')");
  }
}

/** Numbers between 0.5 and 1.5, of either sign. */
function weightsFor(length: number, generator: Generator): Float64Array {
  return Float64Array.from({ length }, () => (0.5 + generator.uniform()) * (generator.integer(2) ? 1 : -1));
}

interface Settings {
  readonly name: string;
  readonly tolerance: number;
  readonly step: number;
  readonly directions: number;
  /** Which input is the gradient that comes in. */
  readonly incoming?: number;
}

function check(fn: Fn, inputs: readonly Tensor[], generator: Generator, settings: Settings): GradcheckReport {
  const { name, tolerance, step, directions, incoming } = settings;
  const points = inputs.map((input) => input.dataSync());
  const leaves = inputs.map((input, index) => leafOf(input, points[index]!));
  const outs = fn(...leaves);
  const values = elementsOf(outs);
  const at = (index: number, moved: TypedArray): Float64Array =>
    elementsOf(fn(...inputs.map((input, i) => leafOf(input, i === index ? moved : points[i]!))));
  requireSteady(name, values, at(-1, values));
  // What throws at another point, or has another shape there, ends on the way to it.
  const nowhere = values.map(() => Number.NaN);
  const near: typeof at = (index, moved) => {
    try {
      const found = at(index, moved);
      return found.length === values.length ? found : nowhere;
    } catch {
      return nowhere;
    }
  };
  // A pull-back is linear, so that any multiple of the gradient that comes in tells the same, rounded in another way.
  const gradientsAt = (moved: readonly TypedArray[], { indices, weights }: Part, multiple: number) => {
    const others = inputs.map((input, index) => leafOf(input, moved[index]!));
    const part = { indices, weights: weights.map((weight) => weight * multiple) };
    return gradientsOf(fn(...others), part, others).map((gradient) => gradient.map((v) => v / multiple));
  };
  const weights = weightsFor(values.length, generator);

  const lines = inputs.flatMap((input, index) => {
    if (!isLeaf(input)) return [];
    const point = points[index] as Float64Array;
    return [...axesOf(point.length), ...randomOnes(point.length, directions, generator)].map((direction) => {
      const sizes = direction.indices.map((i) => Math.max(1, Math.abs(point[i]!)));
      const along = (distance: number): Float64Array => {
        const moved = point.slice();
        direction.indices.forEach((i, t) => {
          moved[i]! += distance * sizes[t]! * direction.parts[t]!;
        });
        return near(index, moved);
      };
      const tiniest = direction.indices.reduce(
        (least, i, t) => Math.min(least, Math.abs(point[i]!) / sizes[t]! || 1),
        1,
      );
      const line = new Line(along, values, step, tiniest);
      return { index, input, direction, sizes, line, isKink: false, isHidden: false, isSeen: false };
    });
  });

  for (const part of partsOf(
    values.length,
    weights,
    lines.map(({ line }) => line),
  )) {
    const grads = gradientsOf(outs, part, leaves);
    let nearby: (readonly TypedArray[])[] | null = null;
    let multiples: (readonly TypedArray[])[] | null = null;
    for (const each of lines) {
      const { index, input, direction, sizes, line } = each;
      const { indices, parts } = direction;
      const analytic = grads[index]!;
      const isAxis = indices.length === 1 && parts[0] === 1;
      // In units of the element's size, as the line has them.
      const unit = isAxis ? sizes[0]! : 1;
      const along = (gradient: TypedArray): number =>
        indices.reduce((total, i, t) => total + gradient[i]! * sizes[t]! * parts[t]!, 0);
      const expected = along(analytic);
      if (Number.isFinite(expected) && line.agrees(part, expected, tolerance)) {
        each.isSeen ||= expected !== 0;
        continue;
      }
      const { value, error: byDifference, isKink } = line.slope(part);
      // An element's own line tells of a gradient that is not finite.
      if ((Number.isFinite(expected) && isKink) || Number.isNaN(value) || (!Number.isFinite(expected) && !isAxis)) {
        each.isKink = true;
        continue;
      }
      const size = Math.max(Math.abs(expected), Math.abs(value));
      let error = byDifference;
      if (Number.isFinite(size) && Math.abs(expected - value) > tolerance * size + error) {
        // The gradient is rounded as well: by about as much as it changes with the last digits of the inputs and of what comes in.
        nearby ??= blurred(points).map((moved) => gradientsAt(moved, part, 1));
        for (const other of nearby) error = Math.max(error, BLUR * Math.abs(along(other[index]!) - expected) || 0);
        multiples ??= MULTIPLES.map((multiple) => gradientsAt(points, part, multiple));
        for (const other of multiples) {
          const apart = Math.abs(along(other[index]!) - expected);
          // More than rounding does is a pull-back that is not linear, and no excuse.
          if (apart <= ROUNDED * largest(grads)) error = Math.max(error, BLUR * apart);
        }
      }
      if (!(Math.abs(expected - value) <= tolerance * size + error) || !Number.isFinite(size)) {
        const place = isAxis ? elementName(indices[0]!, input.shape) : 'a random direction';
        // The plain difference, as a reader takes it, where it is as good.
        const plain = line.first(part);
        const difference = Math.abs(plain - value) <= tolerance * size ? plain : value;
        const what = index === incoming ? 'the gradient that comes in' : `input ${index}`;
        throw new GraphError(
          'gradcheck',
          `${name}, ${what}, ${place}: the gradient is ${expected / unit}, the finite difference ${difference / unit} (tolerance ${tolerance} x ${Math.max(Math.abs(expected), Math.abs(difference)) / unit}), give or take ${(error / unit).toPrecision(2)} by rounding`,
          index === incoming
            ? 'write the pull-back in operations of g, without detach'
            : 'check the pull-back of this input',
        );
      }
      if (size > error) each.isSeen = true;
      else if (expected !== 0) each.isHidden = true;
    }
  }
  const kinks = lines.filter(({ isKink }) => isKink).length;
  const hidden = lines.filter(({ isKink, isHidden, isSeen }) => !isKink && isHidden && !isSeen).length;
  const compared = lines.length - kinks;
  if (compared === 0 && kinks > 0) {
    throw new ArgumentError('gradcheck', `${name}: all ${kinks} derivatives lie at kinks`, 'check at other points');
  }
  return report(compared, kinks, hidden);
}

/** How many times what a few last digits change a gradient may be off. */
const BLUR = 8;
/** By what the gradient that comes in is multiplied, and how far rounding may put the results off, relative to the largest or to what comes in. */
const [MULTIPLES, ROUNDED] = [[0.7, 0.9, 1.1], 1e-13] as const;

function largest(gradients: readonly TypedArray[]): number {
  let most = 1;
  for (const gradient of gradients) for (const value of gradient) most = Math.max(most, Math.abs(value));
  return most;
}

/** Points three times over, each element changed in its last digits. */
export function blurred(points: readonly TypedArray[]): TypedArray[][] {
  const generator = new Generator(1);
  return [1, 2, 3].map(() =>
    points.map((point) =>
      point instanceof Float64Array ? point.map((x) => x * (1 + 4 * generator.normal() * Number.EPSILON)) : point,
    ),
  );
}

/** All elements of all results. */
function elementsOf(outs: readonly Tensor[]): Float64Array {
  return Float64Array.from(outs.flatMap((out) => [...out.dataSync()]));
}

/** Throws unless a function gave finite numbers, and the same ones twice. */
function requireSteady(name: string, values: Float64Array, again: Float64Array): void {
  if (values.length !== again.length || values.some((value, i) => !Object.is(value, again[i]))) {
    throw new ArgumentError(
      'gradcheck',
      `${name} gives other numbers at a second call with the same inputs`,
      'what is random has no differences: fix its seed inside the function',
    );
  }
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad === undefined) return;
  throw new ArgumentError('gradcheck', `${name} is ${bad} at this point`, 'check at other points');
}

/** The elements of a result, those together that change about as fast: a slow one would be lost beside a fast one. */
function partsOf(length: number, weights: Float64Array, lines: readonly Line[]): Part[] {
  const speeds = Float64Array.from({ length }, (_, i) => lines.reduce((top, line) => Math.max(top, line.speed(i)), 0));
  const parts: { top: number; indices: number[]; weights: Float64Array }[] = [];
  for (const i of [...speeds.keys()].sort((p, q) => speeds[q]! - speeds[p]!)) {
    const last = parts.at(-1);
    if (last && speeds[i]! >= 1e-3 * last.top) last.indices.push(i);
    else parts.push({ top: speeds[i]!, indices: [i], weights });
  }
  for (const { indices } of parts) indices.sort((p, q) => p - q);
  return parts;
}

/** The gradients of a part of a result, of each input that has one. */
function gradientsOf(outs: readonly Tensor[], { indices, weights }: Part, leaves: readonly Tensor[]): TypedArray[] {
  const chosen = new Float64Array(weights.length);
  for (const i of indices) chosen[i] = weights[i]!;
  let start = 0;
  const total = outs
    .map((out) => {
      const own = chosen.slice(start, start + out.size);
      start += out.size;
      return sum(mul(out, tensor(own, { shape: out.shape, device: out.device })));
    })
    .reduce((before, part) => add(before, part));
  const wanted = leaves.filter((leaf) => leaf.requiresGrad);
  const grads = total.requiresGrad ? grad(total, wanted, { allowUnused: true, retainGraph: true }) : [];
  const found = new Map(grads.map((g, i) => [wanted[i]!, g.dataSync()]));
  return leaves.map((leaf) => found.get(leaf) ?? new Float64Array(leaf.size));
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
