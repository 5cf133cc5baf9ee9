/** @file Holds an answer against what is expected, and looks for a mistake that explains the difference. */
import { Tensor } from 'contragrad';
import { NO_SIGNS, withoutSigns } from './signs.js';
import { placeOf, Wrong } from './verdict.js';

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
  if (typeof fn !== 'function') throw new Wrong(`${what}: a function must be written here, this is ${kindOf(fn)}`);
  let result;
  try {
    result = withoutSigns(() => fn(...args));
  } catch (error) {
    const more = explanationOf(error, explain);
    if (more === undefined) throw error;
    const words = error.message.replace(/; use cast\(.*\)$/, '');
    throw new Wrong(`${more}. The engine says${placeOf(error)} "${words}"`);
  }
  if (result instanceof Tensor) return result;
  if (result === undefined) throw new Wrong(`${what} is not returned: the function ends without a return`);
  const why = Number.isNaN(result) ? NO_SIGNS : 'stay in operations of tensors to the end';
  throw new Wrong(`${what} is ${kindOf(result)} where a tensor is wanted: ${why}`);
}

/** What to say of an error of the engine before its own words; nothing where those say enough. */
function explanationOf(error, explain) {
  if (error?.name === 'ShapeError') return explain(error.message);
  if (error?.name !== 'DTypeError') return undefined;
  if (/float64 and float32|float32 and float64/.test(error.message)) {
    return (
      'the grader computes in float64. A plain number takes the type of its tensor, x.add(1) and not x.add(tensor(1)); what you make takes ' +
      "its type as an option, eye(n, { dtype: 'float64' })"
    );
  }
  if (!/int32 and float64|float64 and int32/.test(error.message)) return undefined;
  return "a comparison gives int32. To reckon with its 0 and 1, make numbers of them, cast(…, 'float64'); to choose, take a.where(condition, b)";
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
  // A tolerance that grows with an infinite number would let everything pass.
  return (
    Object.is(a, b) || (Number.isFinite(a - b) && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b)))
  );
}

/**
 * Throws {@link Wrong} where a result is not what is expected. A mistake that gives the same numbers is named; a result that
 * is a multiple says so; else the first element that differs is shown.
 *
 * @param mistakes - Pairs of a function that makes the mistake and what to say of it.
 */
export function compare(got, expected, what, mistakes = []) {
  compareAll([{ got, expected, mistakes }], what);
}

/**
 * Does the same for several results of one function: a mistake is named only where it explains all of them.
 *
 * @param cases - Each with what was `got`, what is `expected`, and its `mistakes`, the same ones in the same order.
 */
export function compareAll(cases, what) {
  const first = cases.find(({ got, expected }) => !agree(got, expected));
  if (first === undefined) return;
  first.mistakes.forEach(([, says], index) => {
    const made = cases.map(({ mistakes }) => mistakes[index][0]());
    const explains = cases.every(({ got }, i) => agree(got, made[i]));
    if (explains && cases.some(({ expected }, i) => !agree(made[i], expected))) throw new Wrong(says);
  });
  const { got, expected } = first;
  if (written(got.shape) !== written(expected.shape)) {
    throw new Wrong(`${what} has shape ${written(got.shape)} where ${written(expected.shape)} is wanted`);
  }
  const [given, wanted] = [got.dataSync(), expected.dataSync()];
  const strange = given.findIndex((value) => !Number.isFinite(value));
  if (strange >= 0) {
    throw new Wrong(
      `${what} is ${given[strange]}${placeIn(strange, got.shape)} where ${short(wanted[strange])} is expected`,
    );
  }
  const all = (of) => cases.flatMap((result) => [...of(result).dataSync()]);
  const factor = factorBetween(
    all((result) => result.got),
    all((result) => result.expected),
  );
  if (factor === -1) throw new Wrong(`${what} has the wrong sign everywhere`);
  if (factor !== null) throw new Wrong(`${what} is ${short(factor)} times what is expected, everywhere`);
  const at = given.findIndex((value, i) => !near(value, wanted[i], 1e-9));
  throw new Wrong(`${what} is ${short(given[at])}${placeIn(at, got.shape)} where ${short(wanted[at])} is expected`);
}

/** The one number by which all elements differ; null where there is none, or too little to tell. */
function factorBetween(given, wanted) {
  const at = wanted.findIndex((value) => Math.abs(value) > 1e-6);
  if (at < 0 || wanted.length < 2) return null;
  const factor = given[at] / wanted[at];
  return factor !== 0 &&
    given.length === wanted.length &&
    given.every((value, i) => near(value, factor * wanted[i], 1e-9))
    ? Number(factor.toPrecision(9))
    : null;
}

/** Where an element is, in words: " at [0, 2]"; nothing for a scalar. */
function placeIn(flat, shape) {
  if (shape.length === 0) return '';
  let rest = flat;
  const place = shape.toReversed().map((size) => {
    const index = rest % size;
    rest = (rest - index) / size;
    return index;
  });
  return ` at ${written(place.reverse())}`;
}
