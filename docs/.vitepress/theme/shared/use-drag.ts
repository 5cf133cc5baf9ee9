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

/** How far an arrow key moves, and with Shift. */
const [STEP, LEAP] = [0.05, 0.25];
const MOVES: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** What the elements of points listen with. */
export interface Drag {
  /** Takes a point by where it is pressed; whether it did. */
  grab(event: PointerEvent, point: number): boolean;
  drag(event: PointerEvent, point: number): void;
  /** Lets go where the pointer is, or where it was last; whether a point was held. */
  drop(event: PointerEvent, point: number): boolean;
  /** Moves a point by an arrow key; other keys are left alone. */
  key(event: KeyboardEvent, point: number): void;
}

/** The moves of one pointer and of the keys. */
export function useDrag({ x, y, at, move }: Plane): Drag {
  let grip: Point | undefined;
  function drag(event: PointerEvent, point: number): void {
    if (grip !== undefined) move(point, [x().invert(event.clientX - grip[0]), y().invert(event.clientY - grip[1])]);
  }
  return {
    grab(event, point) {
      if (event.button !== 0) return false;
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      const [left, top] = at(point);
      grip = [event.clientX - x()(left), event.clientY - y()(top)];
      return true;
    },
    drag,
    drop(event, point) {
      if (grip === undefined) return false;
      if (event.type === 'pointerup') drag(event, point);
      grip = undefined;
      return true;
    },
    key(event, point) {
      const by = MOVES[event.key];
      if (by === undefined) return;
      event.preventDefault();
      const step = event.shiftKey ? LEAP : STEP;
      const [left, top] = at(point);
      move(point, [left + step * by[0], top + step * by[1]]);
    },
  };
}
