/** @file Where the boxes and arrows of a graph lie in a picture, in pixels. */
import { graphlib, layout } from '@dagrejs/dagre';
import type { Arrow, Graph } from './graph.js';
import { APART, MARGIN, type Place, type Placement, type Point, sizeOf } from './placement.js';
import { stacked } from './stacking.js';

/** A graph with its places. */
export interface Plan {
  readonly width: number;
  readonly height: number;
  /** By the boxes' ids. */
  readonly places: ReadonlyMap<number, Place>;
  /** Each arrow's way: its two ends run straight, between them are bends. */
  readonly arrows: readonly (Arrow & { readonly points: readonly Point[] })[];
}

/** From how many boxes on they are stacked: dagre calls itself once for each box of a chain, and takes minutes. */
const MANY = 1_000;

/** Lays a graph out, from what was computed first at the top to the loss at the bottom, `gap` pixels between the rows. */
export function placed(graph: Graph, { gap = 44 }: { readonly gap?: number } = {}): Plan {
  const { arrows } = graph;
  const { width, height, places, bendsOf } = graph.boxes.length > MANY ? stacked(graph, gap) : byDagre(graph, gap);
  const highest = new Map<number, number>();
  for (const { y, height } of places.values()) highest.set(y, Math.max(height, highest.get(y) ?? 0));
  const ends = { from: dockedAt(arrows, 'from', bendsOf), to: dockedAt(arrows, 'to', bendsOf) };
  /**
   * Where an arrow leaves or enters a box, and the edge of the box's rank: those of one side share it evenly, in the order
   * of their next bends, and run straight beside the higher boxes of the rank.
   */
  const docked = (arrow: Arrow, end: 'from' | 'to'): [Point, Point] => {
    const { y, width, height, ...place } = places.get(arrow[end])!;
    const x = place.x + width * (ends[end](arrow) - 0.5);
    const down = end === 'from' ? 0.5 : -0.5;
    return [
      { x, y: y + down * height },
      { x, y: y + down * highest.get(y)! },
    ];
  };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    places,
    arrows: arrows.map((arrow) => ({
      ...arrow,
      points: [...docked(arrow, 'from'), ...bendsOf(arrow), ...docked(arrow, 'to').reverse()],
    })),
  };
}

/** The share of a box's side, from the left, at which an arrow meets it. */
function dockedAt(
  arrows: readonly Arrow[],
  end: 'from' | 'to',
  bendsOf: Placement['bendsOf'],
): (arrow: Arrow) => number {
  const towards = (arrow: Arrow): number => bendsOf(arrow).at(end === 'from' ? 0 : -1)!.x;
  const sides = new Map<number, number[]>();
  for (const arrow of arrows) {
    const side = sides.get(arrow[end]);
    if (side === undefined) sides.set(arrow[end], [towards(arrow)]);
    else side.push(towards(arrow));
  }
  const ranks = new Map(
    [...sides].map(([box, side]) => {
      const sorted = side.sort((p, q) => p - q);
      // Of equal ones the first counts.
      return [box, new Map(sorted.map((x, i) => [x, (i + 1) / (sorted.length + 1)] as const).reverse())];
    }),
  );
  return (arrow) => ranks.get(arrow[end])!.get(towards(arrow))!;
}

function byDagre({ boxes, arrows }: Graph, gap: number): Placement {
  const plan = new graphlib.Graph();
  plan.setGraph({ rankdir: 'TB', nodesep: APART, ranksep: gap, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) plan.setNode(String(box.id), sizeOf(box));
  for (const { from, to } of arrows) plan.setEdge(String(from), String(to), {});
  layout(plan);
  const { width = 0, height = 0 } = plan.graph() as { readonly width?: number; readonly height?: number };
  return {
    width,
    height,
    places: new Map(boxes.map(({ id }) => [id, plan.node(String(id)) as Place])),
    bendsOf: ({ from, to }) =>
      (plan.edge(String(from), String(to)) as { readonly points: Point[] }).points.slice(1, -1),
  };
}

/** A line through the points, straight at both ends and rounded at the bends between, and a head at its end. */
export function arrowPaths(points: readonly Point[]): { readonly line: string; readonly head: string } {
  const at = ({ x, y }: Point): string => `${rounded(x)} ${rounded(y)}`;
  const bends = points.slice(2, -2).map((point, i) => {
    const next = points[i + 3]!;
    return `Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`;
  });
  const end = points.at(-1)!;
  const before = points.findLast(({ x, y }) => Math.hypot(end.x - x, end.y - y) > 1)!;
  const length = Math.hypot(end.x - before.x, end.y - before.y);
  const [u, v] = [(end.x - before.x) / length, (end.y - before.y) / length];
  const side = (sign: number): string => at({ x: end.x - 7 * u - sign * 3.5 * v, y: end.y - 7 * v + sign * 3.5 * u });
  return {
    line: `M${at(points[0]!)} L${at(points[1]!)} ${bends.join(' ')} L${at(points.at(-2)!)} L${at(end)}`,
    head: `M${at(end)} L${side(1)} L${side(-1)} Z`,
  };
}

/** A length as a picture has it. */
export const rounded = (value: number): string => String(Math.round(value * 10) / 10);
