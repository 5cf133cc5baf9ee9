/** @file Holds an answer against what is expected, and looks for a mistake that explains the difference. */
import { Tensor } from 'contragrad';
import { describe, isGap, Wrong } from './verdict.js';

/** A shape as it is written: [3, 4]. */
export const written = (shape) => `[${shape.join(', ')}]`;

/** A number, short. */
export const short = (value) => String(Number(value.toPrecision(4)));

/**
 * What a function of the learner's gives; it must be a tensor.
 *
 * @param what - What it should give: "your gradient".
 * @param explain - Says more about a ShapeError of the engine, from its message.
 */
export function called(fn, args, what, explain = () => undefined) {
  if (typeof fn !== 'function') throw new Wrong(`${what}: the file must export a function, it exports ${kindOf(fn)}`);
  let result;
  try {
    result = fn(...args);
  } catch (error) {
    if (isGap(error)) throw error;
    const more = error?.name === 'ShapeError' ? explain(error.message) : undefined;
    if (more !== undefined) throw new Wrong(`${more} (the engine says: ${error.message})`);
    if (error?.name === 'DTypeError') {
      throw new Wrong(
        `${describe(error)}: the grader computes in float64. Plain numbers take their tensor's type: x.add(1), not x.add(tensor(1))`,
      );
    }
    throw error;
  }
  if (result instanceof Tensor) return result;
  if (result === undefined) throw new Wrong(`${what} is not returned: the function ends without a return`);
  const why = Number.isNaN(result)
    ? 'the signs + - * / do not work on tensors, write a.add(b), a.sub(b), a.mul(b), a.div(b)'
    : 'stay in operations of tensors to the end';
  throw new Wrong(`${what} is ${kindOf(result)} where a tensor is wanted: ${why}`);
}

function kindOf(value) {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Promise) return 'a promise';
  if (Number.isNaN(value)) return 'NaN';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** Whether two tensors hold the same: shapes equal, numbers near, NaN and infinities in the same places. */
export function agree(a, b, tolerance = 1e-9) {
  if (written(a.shape) !== written(b.shape)) return false;
  const [left, right] = [a.dataSync(), b.dataSync()];
  return left.every((value, i) => near(value, right[i], tolerance));
}

function near(a, b, tolerance) {
  return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

/**
 * Throws {@link Wrong} where a result is not what is expected. A mistake that gives the same numbers is named; a result that
 * is a multiple says so; else the first element that differs is shown.
 *
 * @param mistakes - Pairs of a function that makes the mistake and what to say of it.
 */
export function compare(got, expected, what, mistakes = []) {
  if (agree(got, expected)) return;
  for (const [mistake, says] of mistakes) {
    const made = mistake();
    if (agree(got, made) && !agree(made, expected)) throw new Wrong(says);
  }
  if (written(got.shape) !== written(expected.shape)) {
    throw new Wrong(`${what} has shape ${written(got.shape)} where ${written(expected.shape)} is wanted`);
  }
  const [given, wanted] = [got.dataSync(), expected.dataSync()];
  const strange = given.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) {
    throw new Wrong(
      `${what} is ${given[strange]}${placeOf(strange, got.shape)} where ${short(wanted[strange])} is expected`,
    );
  }
  const factor = factorBetween(given, wanted);
  if (factor === -1) throw new Wrong(`${what} has the wrong sign everywhere`);
  if (factor !== null) throw new Wrong(`${what} is ${short(factor)} times what is expected, everywhere`);
  const first = given.findIndex((value, i) => !near(value, wanted[i], 1e-9));
  throw new Wrong(
    `${what} is ${short(given[first])}${placeOf(first, got.shape)} where ${short(wanted[first])} is expected`,
  );
}

/** The one number by which all elements differ; null where there is none, or too little to tell. */
function factorBetween(given, wanted) {
  const at = wanted.findIndex((value) => Math.abs(value) > 1e-6);
  if (at < 0 || wanted.length < 2) return null;
  const factor = given[at] / wanted[at];
  return factor !== 0 && given.every((value, i) => near(value, factor * wanted[i], 1e-9))
    ? Number(factor.toPrecision(9))
    : null;
}

/** Where an element is, in words: " at [0, 2]"; nothing for a scalar. */
function placeOf(flat, shape) {
  if (shape.length === 0) return '';
  let rest = flat;
  const place = shape.toReversed().map((size) => {
    const index = rest % size;
    rest = (rest - index) / size;
    return index;
  });
  return ` at ${written(place.reverse())}`;
}
