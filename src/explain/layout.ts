/** @file Where the boxes and arrows of a graph lie in a picture, in pixels. */
import { graphlib, layout } from '@dagrejs/dagre';
import type { Arrow, Box, Graph } from './graph.js';
import { columns } from './numbers.js';

/** The size of letters. The widest of the usual monospace fonts takes 0.602 of its size a letter. */
export const FONT = 12;
const LETTER = 0.61 * FONT;

/** The height of a line, and the room around the text of a box. */
export const LINE = 16;
export const PADDING = 8;
const MARGIN = 16;

/** A place in the picture. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box by its middle. */
export interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

/** A graph with its places. */
export interface Plan {
  readonly width: number;
  readonly height: number;
  /** By the boxes' ids. */
  readonly places: ReadonlyMap<number, Place>;
  /** Each arrow's way: its two ends run straight, between them are bends. */
  readonly arrows: readonly (Arrow & { readonly points: readonly Point[] })[];
}

/** Lays a graph out, from what was computed first at the top to the loss at the bottom, `gap` pixels between the rows. */
export function placed({ boxes, arrows }: Graph, { gap = 44 }: { readonly gap?: number } = {}): Plan {
  const plan = new graphlib.Graph();
  plan.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: gap, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) plan.setNode(String(box.id), sizeOf(box));
  for (const { from, to } of arrows) plan.setEdge(String(from), String(to), {});
  layout(plan);
  const places = new Map(boxes.map(({ id }) => [id, plan.node(String(id)) as Place]));
  const { width = 0, height = 0 } = plan.graph() as { readonly width?: number; readonly height?: number };
  const bendsOf = ({ from, to }: Arrow): Point[] =>
    (plan.edge(String(from), String(to)) as { readonly points: Point[] }).points.slice(1, -1);
  /**
   * Where an arrow leaves or enters a box, and the edge of the box's rank: those of one side share it evenly, in the order
   * of their next bends, and run straight beside the higher boxes of the rank.
   */
  const docked = (arrow: Arrow, end: 'from' | 'to'): [Point, Point] => {
    const towards = (one: Arrow): number => bendsOf(one).at(end === 'from' ? 0 : -1)!.x;
    const here = arrows.filter((one) => one[end] === arrow[end]).map(towards);
    const rank = here.filter((x) => x < towards(arrow)).length + 1;
    const { y, width, height, ...place } = places.get(arrow[end])!;
    const x = place.x + width * (rank / (here.length + 1) - 0.5);
    const highest = Math.max(...[...places.values()].filter((other) => other.y === y).map((other) => other.height));
    const down = end === 'from' ? 0.5 : -0.5;
    return [
      { x, y: y + down * height },
      { x, y: y + down * highest },
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

function sizeOf({ title, lines }: Box): { width: number; height: number } {
  const letters = Math.max(...[title, ...lines].map(columns));
  return { width: letters * LETTER + 2 * PADDING, height: (1 + lines.length) * LINE + PADDING };
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
