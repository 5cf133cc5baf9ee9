/** @file The graph as it is drawn: boxes and arrows in their places, with what has arrived at a step. */

import { type Box, graphOf } from '../../../../src/explain/graph.js';
import type { Trace } from '../../../../src/explain/index.js';
import { arrowPaths, type Place, placed } from '../../../../src/explain/layout.js';
import { cellsOf, cut, inline } from '../../../../src/explain/numbers.js';
import type { Numbers } from '../../../../src/explain/trace.js';

/** The most letters of a line of numbers in a box, or on an arrow. */
const LETTERS = 22;

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
  readonly middle: { readonly x: number; readonly y: number };
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
      const [before, after] = [points[Math.ceil(points.length / 2) - 1]!, points[Math.floor(points.length / 2)]!];
      return {
        from,
        to,
        ...arrowPaths(points),
        back: arrowPaths([...points].reverse()).head,
        middle: { x: (before.x + after.x) / 2, y: (before.y + after.y) / 2 },
      };
    }),
  };
}

/** Numbers on one short line. */
export const onOneLine = (numbers: Numbers | null): string =>
  numbers === null ? 'many numbers' : cut(inline(cellsOf(numbers, 3)), LETTERS).replaceAll('-', '−');

/** The names of a trace's groups, in the order of the forward pass. */
export const groupsOf = ({ tensors }: Trace): string[] => [...new Set(tensors.flatMap(({ groups }) => groups))];
