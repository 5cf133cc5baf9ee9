/**
 * @file How well a score tells pairs of the same from pairs of different things.
 */
import { checkList, wrong } from '../checks.js';
import { ArgumentError, ShapeError } from '../errors.js';

interface Ranked {
  readonly scores: Float64Array;
  readonly same: Uint8Array;
  readonly genuine: number;
  readonly impostors: number;
}

/** Pairs by falling score. */
function ranked(op: string, scores: ArrayLike<number>, same: ArrayLike<number>): Ranked {
  checkList(op, 'scores', scores);
  checkList(op, 'labels', same);
  if (scores.length !== same.length) {
    throw new ShapeError(op, `needs one label for each score, got ${scores.length} scores and ${same.length} labels`);
  }
  for (let i = 0; i < same.length; i++) {
    if (same[i] !== 0 && same[i] !== 1)
      throw new ArgumentError(op, `labels must be 0 or 1, got ${same[i]} at pair ${i}`);
    if (Number.isNaN(scores[i])) throw new ArgumentError(op, `scores must be numbers, got NaN at pair ${i}`);
  }
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((p, q) => scores[q]! - scores[p]!);
  const genuine = order.filter((i) => same[i] === 1).length;
  if (genuine === 0 || genuine === order.length) {
    throw new ArgumentError(op, `needs pairs of both kinds, got ${genuine} same ones of ${order.length}`);
  }
  return {
    scores: Float64Array.from(order, (i) => scores[i]!),
    same: Uint8Array.from(order, (i) => same[i]!),
    genuine,
    impostors: order.length - genuine,
  };
}

/** For each distinct score, from the highest: how many same pairs and how many different ones have that score or more. */
function* steps({ scores, same }: Ranked): Generator<{ threshold: number; hits: number; accepts: number }> {
  let hits = 0;
  for (let at = 0; at < scores.length; ) {
    const threshold = scores[at]!;
    for (; scores[at] === threshold; at++) hits += same[at]!;
    yield { threshold, hits, accepts: at - hits };
  }
}

/**
 * The area under the ROC curve: the chance that a same pair scores higher than a different one, ties counting half.
 *
 * @param scores - Higher means more alike (a distance counts negated).
 * @param same - 1 where a pair is the same, 0 where not.
 * @returns Between 0 and 1; 0.5 for chance.
 * @throws {@link ArgumentError} when a kind of pair is missing, a label is not 0 or 1, or a score is NaN.
 */
export function rocAuc(scores: ArrayLike<number>, same: ArrayLike<number>): number {
  const pairs = ranked('rocAuc', scores, same);
  let [area, above, before] = [0, 0, 0];
  for (const { hits, accepts } of steps(pairs)) {
    area += ((accepts - before) * (above + hits)) / 2;
    [above, before] = [hits, accepts];
  }
  return area / (pairs.genuine * pairs.impostors);
}

/** What {@link rocCurve} returns: an entry for each distinct score, from the highest, after one that accepts nothing. */
export interface RocCurve {
  /** The score from which on pairs are accepted, falling; the first is Infinity. */
  readonly thresholds: Float64Array;
  /** The share of different pairs accepted there, rising from 0 to 1. */
  readonly falseAccepts: Float64Array;
  /** The share of same pairs accepted there, rising from 0 to 1. */
  readonly trueAccepts: Float64Array;
}

/**
 * The ROC curve: how many of the same pairs are accepted, against how many of the different ones, at every threshold.
 * Its area, by trapezoids, is {@link rocAuc}.
 *
 * @param scores - Higher means more alike (a distance counts negated).
 * @param same - 1 where a pair is the same, 0 where not.
 * @throws {@link ArgumentError} when a kind of pair is missing, a label is not 0 or 1, or a score is NaN.
 */
export function rocCurve(scores: ArrayLike<number>, same: ArrayLike<number>): RocCurve {
  const pairs = ranked('rocCurve', scores, same);
  const [thresholds, falseAccepts, trueAccepts] = [[Number.POSITIVE_INFINITY], [0], [0]];
  for (const { threshold, hits, accepts } of steps(pairs)) {
    thresholds.push(threshold);
    falseAccepts.push(accepts / pairs.impostors);
    trueAccepts.push(hits / pairs.genuine);
  }
  return {
    thresholds: Float64Array.from(thresholds),
    falseAccepts: Float64Array.from(falseAccepts),
    trueAccepts: Float64Array.from(trueAccepts),
  };
}

/** What {@link equalErrorRate} returns. */
export interface EqualError {
  /** The rate at which false accepts and false rejects are equally frequent, between 0 and 1. */
  readonly rate: number;
  /** The score from which on pairs are accepted there. */
  readonly threshold: number;
}

/**
 * The error rate where false accepts and false rejects are equally frequent, between two thresholds by interpolation.
 *
 * @param scores - Higher means more alike (a distance counts negated).
 * @param same - 1 where a pair is the same, 0 where not.
 * @throws {@link ArgumentError} when a kind of pair is missing, a label is not 0 or 1, or a score is NaN.
 */
export function equalErrorRate(scores: ArrayLike<number>, same: ArrayLike<number>): EqualError {
  const pairs = ranked('equalErrorRate', scores, same);
  let before = { accept: 0, reject: 1 };
  for (const { threshold, hits, accepts } of steps(pairs)) {
    const now = { accept: accepts / pairs.impostors, reject: 1 - hits / pairs.genuine };
    if (now.accept >= now.reject) {
      const gap = before.reject - before.accept;
      const share = gap / (gap + now.accept - now.reject);
      return { rate: before.accept + share * (now.accept - before.accept), threshold };
    }
    before = now;
  }
  throw new ArgumentError('equalErrorRate', 'the rates never meet');
}

/** What {@link errorRates} returns. */
export interface ErrorRates {
  /** The share of different pairs that are accepted, between 0 and 1. */
  readonly falseAccepts: number;
  /** The share of same pairs that are not, between 0 and 1. */
  readonly falseRejects: number;
}

/**
 * How often a threshold errs, either way. Take it from other pairs, of other subjects: one that is read off the pairs it is
 * measured on flatters itself.
 *
 * @param scores - Higher means more alike (a distance counts negated).
 * @param same - 1 where a pair is the same, 0 where not.
 * @param threshold - The score from which on pairs are accepted.
 * @throws {@link ArgumentError} when a kind of pair is missing, a label is not 0 or 1, or a score or the threshold is NaN.
 *
 * @example
 * ```ts
 * import { metrics } from 'contragrad';
 *
 * const same = [1, 1, 0, 0];
 * const rates = metrics.errorRates([-1, -4, -3, -5], same, -3);
 * console.log(rates.falseAccepts, rates.falseRejects); // 0.5 0.5
 * ```
 */
export function errorRates(scores: ArrayLike<number>, same: ArrayLike<number>, threshold: number): ErrorRates {
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw wrong('errorRates', 'threshold', 'a number', threshold);
  }
  const pairs = ranked('errorRates', scores, same);
  const accepted = pairs.scores.findIndex((score) => score < threshold);
  const end = accepted < 0 ? pairs.scores.length : accepted;
  const hits = pairs.same.subarray(0, end).reduce((sum, label) => sum + label, 0);
  return { falseAccepts: (end - hits) / pairs.impostors, falseRejects: 1 - hits / pairs.genuine };
}

/** What {@link calibrateThreshold} returns. */
export interface Threshold {
  /** The score from which on a pair is accepted. */
  readonly threshold: number;
  /** The share of pairs that are then told right, between 0 and 1. */
  readonly accuracy: number;
}

/**
 * The score from which on to accept pairs so that most of them are told right; the highest such score.
 *
 * @param scores - Higher means more alike (a distance counts negated).
 * @param same - 1 where a pair is the same, 0 where not.
 * @throws {@link ArgumentError} when a kind of pair is missing, a label is not 0 or 1, or a score is NaN.
 */
export function calibrateThreshold(scores: ArrayLike<number>, same: ArrayLike<number>): Threshold {
  const pairs = ranked('calibrateThreshold', scores, same);
  let best = { threshold: Number.POSITIVE_INFINITY, accuracy: pairs.impostors / same.length };
  for (const { threshold, hits, accepts } of steps(pairs)) {
    const accuracy = (pairs.impostors + hits - accepts) / same.length;
    if (accuracy > best.accuracy) best = { threshold, accuracy };
  }
  return best;
}
