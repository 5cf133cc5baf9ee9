/** @file Sizes of boxes, and what places them, in pixels. */
import type { Arrow, Box } from './graph.js';
import { columns, largest } from './numbers.js';

/** The size of letters. The widest of the usual monospace fonts takes 0.602 of its size a letter. */
export const FONT = 12;
const LETTER = 0.61 * FONT;

/** The height of a line, and the room around the text of a box. */
export const LINE = 16;
export const PADDING = 8;
export const MARGIN = 16;

/** The room between the boxes of a row. */
export const APART = 24;

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

/** Where boxes lie, and how arrows bend between them: each has one bend at least. */
export interface Placement {
  readonly width: number;
  readonly height: number;
  readonly places: ReadonlyMap<number, Place>;
  bendsOf(arrow: Arrow): readonly Point[];
}

/** The room that a box takes. */
export function sizeOf({ title, lines }: Box): { width: number; height: number } {
  const letters = largest([title, ...lines].map(columns));
  return { width: letters * LETTER + 2 * PADDING, height: (1 + lines.length) * LINE + PADDING };
}
