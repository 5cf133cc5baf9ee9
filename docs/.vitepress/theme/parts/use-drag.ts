/** @file Points of a plane that are dragged, or moved with the arrow keys. */
import type { ScaleLinear } from 'd3-scale';
import type { Point } from './point.js';

/** The plane in which points move. */
export interface Plane {
  /** From the plane to pixels. */
  readonly x: () => ScaleLinear<number, number>;
  readonly y: () => ScaleLinear<number, number>;
  /** Where a point is. */
  readonly at: (point: number) => Point;
  readonly move: (point: number, to: Point) => void;
}

/** How far a pointer goes until it drags, in pixels: a click moves nothing. */
const STILL = 3;
/** How far an arrow key moves, and with Shift. */
const [STEP, LEAP] = [0.05, 0.25];
const MOVES: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Places have four digits, so that keys lead one point exactly onto another. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** What the elements of points listen with. */
export interface Drag {
  /** Takes a point by where it is pressed; whether it did. */
  grab(event: PointerEvent, point: number): boolean;
  drag(event: PointerEvent, point: number): void;
  /** Lets go: says whether the point was dragged or only clicked; nothing where none was held. */
  drop(event: PointerEvent, point: number): 'drag' | 'click' | undefined;
  /** Moves a point by an arrow key; other keys are left alone. */
  key(event: KeyboardEvent, point: number): void;
}

/** The moves of one pointer and of the keys. */
export function useDrag({ x, y, at, move }: Plane): Drag {
  let grip: { readonly pressed: Point; readonly held: Point; moved: boolean } | undefined;
  const moveTo = (point: number, to: Point): void => move(point, [rounded(to[0]), rounded(to[1])]);
  function drag({ clientX, clientY }: PointerEvent, point: number): void {
    if (grip === undefined) return;
    const { pressed, held } = grip;
    grip.moved ||= Math.hypot(clientX - pressed[0], clientY - pressed[1]) > STILL;
    if (grip.moved) moveTo(point, [x().invert(clientX - held[0]), y().invert(clientY - held[1])]);
  }
  return {
    grab(event, point) {
      if (event.button !== 0) return false;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      const { clientX, clientY } = event;
      const [left, top] = at(point);
      grip = { pressed: [clientX, clientY], held: [clientX - x()(left), clientY - y()(top)], moved: false };
      return true;
    },
    drag,
    drop(event, point) {
      if (grip === undefined) return undefined;
      if (event.type === 'pointerup') drag(event, point);
      const { moved } = grip;
      grip = undefined;
      return moved ? 'drag' : 'click';
    },
    key(event, point) {
      const by = MOVES[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const step = event.shiftKey ? LEAP : STEP;
      const [left, top] = at(point);
      moveTo(point, [left + step * by[0], top + step * by[1]]);
    },
  };
}
