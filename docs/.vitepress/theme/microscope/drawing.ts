/** @file The graph as it is drawn: boxes and arrows in their places, with what has arrived at a step. */

import { type Box, graphOf } from '../../../../src/explain/graph.js';
import type { Trace } from '../../../../src/explain/index.js';
import { arrowPaths, placed } from '../../../../src/explain/layout.js';
import { cellsOf, cut, inline } from '../../../../src/explain/numbers.js';
import type { Place, Point } from '../../../../src/explain/placement.js';
import type { Numbers } from '../../../../src/explain/trace.js';
import { settled } from './pass.js';

/** The most letters of a line of numbers in a box, or on an arrow. */
const LETTERS = 22;

/** The width of a letter on an arrow. */
export const LETTER = 6.6;

/** The room between the rows of boxes. */
const GAP = 44;

/** A box in its place. */
export interface DrawnBox {
  readonly id: number;
  readonly kind: Box['kind'];
  readonly title: string;
  readonly members: readonly number[];
  /** Whether it stands for several operations. */
  readonly folded: boolean;
  /** The one operation or leaf; the first of several. */
  readonly main: number;
  readonly place: Place;
}

/** An arrow in its place. */
export interface DrawnArrow {
  readonly from: number;
  readonly to: number;
  readonly line: string;
  readonly head: string;
  /** The same arrow the other way round, for the gradient. */
  readonly back: string;
  /** The middle of what is written on it. */
  readonly label: Point;
}

/** The graph in its places. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly DrawnBox[];
  readonly arrows: readonly DrawnArrow[];
  /** For each tensor the box that it lies in. */
  readonly homes: readonly number[];
}

/** Draws the graph of a trace with some of its groups folded. */
export function drawingOf(trace: Trace, folded: readonly string[]): Drawing {
  const graph = graphOf(trace, { fold: folded });
  const room = ' '.repeat(LETTERS);
  // Numbers and plain constants need no room for a gradient.
  const boxes = graph.boxes.map((box) => ({ ...box, lines: box.kind === 'constant' ? [] : [room] }));
  const { width, height, places, arrows } = placed({ ...graph, boxes }, { gap: GAP });
  const homes: number[] = [];
  for (const { id, members } of boxes) for (const member of members) homes[member] = id;
  return {
    width,
    height,
    homes,
    boxes: boxes.map(({ id, kind, title, members }) => {
      const operations = members.filter((member) => trace.tensors[member]!.op !== null);
      const main = operations[0] ?? members[0]!;
      return { id, kind, title, members, folded: operations.length > 1, main, place: places.get(id)! };
    }),
    arrows: arrows.map(({ from, to, points }) => {
      return {
        from,
        to,
        ...arrowPaths(points),
        back: arrowPaths([...points].reverse()).head,
        label: labelAt(points, [...places.values()]),
      };
    }),
  };
}

/** Where on an arrow a label covers no box; the place nearest to the arrow's middle, or that middle where there is none. */
function labelAt(points: readonly Point[], places: readonly Place[]): Point {
  const [reach, height] = [(LETTERS * LETTER) / 2 + 5, 9];
  const along = points.slice(1).flatMap((to, i) => {
    const from = points[i]!;
    return [0.25, 0.5, 0.75, 1].map((t) => ({ x: from.x + t * (to.x - from.x), y: from.y + t * (to.y - from.y) }));
  });
  const middle = along[Math.floor((along.length - 1) / 2)]!;
  const away = ({ x, y }: Point): number => Math.hypot(x - middle.x, y - middle.y);
  const free = along.filter(({ x, y }) =>
    places.every(
      (place) => Math.abs(place.x - x) > place.width / 2 + reach || Math.abs(place.y - y) > place.height / 2 + height,
    ),
  );
  return free.sort((p, q) => away(p) - away(q))[0] ?? middle;
}

/** Numbers on one short line. */
export const onOneLine = (numbers: Numbers | null): string =>
  numbers === null ? 'many numbers' : cut(inline(cellsOf(settled(numbers), 3)), LETTERS).replaceAll('-', '−');

/** The names of a trace's groups, in the order of the forward pass. */
export const groupsOf = ({ tensors }: Trace): string[] => [...new Set(tensors.flatMap(({ groups }) => groups))];
