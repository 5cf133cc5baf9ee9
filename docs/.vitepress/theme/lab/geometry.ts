/** @file What is drawn in the plane, in pixels: arrows, marks, and how far things reach. */

import { fixed } from '../parts/marks.js';
import type { Point } from '../parts/point.js';
import type { Evaluation } from './evaluate.js';
import { REACH } from './state.js';

/** An arrow as SVG paths. */
export interface Arrow {
  readonly shaft: string;
  readonly head: string;
}

const HEAD = 9;

/** An arrow by its two ends; undefined where it is too short to be seen. A closed head can be filled. */
export function arrow([x, y]: Point, [toX, toY]: Point, closed: boolean): Arrow | undefined {
  const length = Math.hypot(toX - x, toY - y);
  if (!(length >= 0.5)) return undefined;
  const head = Math.min(HEAD, length);
  const [alongX, alongY] = [((toX - x) / length) * head, ((toY - y) / length) * head];
  const [backX, backY] = [toX - alongX, toY - alongY];
  const left = fixed(backX - alongY * 0.45, backY + alongX * 0.45);
  const right = fixed(backX + alongY * 0.45, backY - alongX * 0.45);
  const tip = fixed(toX, toY);
  // A broad shaft would blunt a closed head: it ends inside.
  const end = closed ? fixed(toX - alongX * 0.6, toY - alongY * 0.6) : tip;
  return { shaft: `M${fixed(x, y)}L${end}`, head: `M${left}L${tip}L${right}${closed ? 'Z' : ''}` };
}

const EXTENTS = [1.5, 2, 3, 4, 6, 8];

/** How far the axes reach, so that every point is seen. */
export function extentOf(points: readonly Point[]): number {
  const furthest = Math.max(...points.flat().map(Math.abs));
  return EXTENTS.find((extent) => furthest <= 0.95 * extent) ?? REACH * 1.05;
}

/** The step up or down from a number on the ladder 0.1, 0.2, 0.5, 1, 2, 5, 10 …, from 0.001 to 1000. */
export function rung(value: number, direction: -1 | 1): number {
  const rungs = [-3, -2, -1, 0, 1, 2].flatMap((power) => [1, 2, 5].map((factor) => Number(`${factor}e${power}`)));
  const [close, all] = [1 + 1e-9, [...rungs, 1000]];
  const next = direction === 1 ? all.find((r) => r > value * close) : all.findLast((r) => r < value / close);
  return next ?? value;
}

/** A force that is smaller is rounding: the point is at rest. */
export const REST = 1e-9;

/**
 * The arrow scale of that ladder at which every force ends within the plane; but where a point at the edge is pushed
 * outwards, the longest arrow is still a third of what would be seen.
 */
export function fittingScale({ totals, pairs }: Evaluation, points: readonly Point[]): number {
  const extent = extentOf(points);
  const longest = Math.max(...totals.map(([x, y]) => Math.hypot(x, y)));
  if (longest < REST) return 1;
  const room = (on: number, force: Point): number =>
    Math.min(...force.map((f, axis) => (0.85 * extent - Math.sign(f) * points[on]![axis]!) / Math.abs(f)));
  let within = Number.POSITIVE_INFINITY;
  for (const [on, force] of totals.entries()) within = Math.min(within, room(on, force));
  for (const { on, force } of pairs) within = Math.min(within, room(on, force));
  return rung(Math.min(Math.max(within, (0.3 * extent) / longest), (0.8 * extent) / longest), -1);
}

/**
 * The circle around a point beyond which negatives do nothing to it: the margin of a contrastive loss, or what the
 * triplets with this anchor leave alive. None where no circle tells it.
 */
export function deadBeyond({ loss, options, pairAt, rows }: Evaluation, point: number): number | undefined {
  const plain = !options.normalize && options.distance === 'euclidean' && options.eps === 0 && options.floor === 0;
  const margin = options.margin as number;
  if (!plain) return undefined;
  if (loss === 'contrastive') return margin;
  if (loss !== 'triplet' || options.smooth || options.mining !== 'all' || rows.length < 4) return undefined;
  const near = pairAt(point, point ^ 1)!.measure;
  return options.squared ? Math.sqrt(near ** 2 + margin) : near + margin;
}
