/** @file Draws embeddings on a canvas: a mark and a colour for each class, filled where a row is trained on. */
import { ticks } from 'd3-array';
import { tickFormat } from 'd3-scale';
import { markOf } from '../parts/marks.js';

/** How the page wants it drawn. */
export interface Look {
  /** The side of the square, in pixels of the page. */
  readonly side: number;
  /** Dots of the screen for each of these. */
  readonly density: number;
  /** The site's colours, as a canvas takes them. */
  readonly inks: {
    readonly classes: readonly string[];
    readonly line: string;
    readonly text: string;
    /** What all lies on. */
    readonly ground: string;
  };
}

/** Which rows are drawn, and as what. */
export interface Marked {
  /** For each row its class. */
  readonly labels: Int32Array;
  /** For each row whether it is held out. */
  readonly heldOut: Uint8Array;
  /** Whether they lie on the unit circle, which is drawn then. */
  readonly onCircle: boolean;
}

const MARK = 0.62;
const EDGE = 18;
const TICKS = 5;
const marks = Array.from({ length: 64 }, (_, sample) => markOf(sample));

/** A square picture on a canvas of its own: it is drawn in the worker, so that the page is free. */
export class Scatter {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #paths = marks.map(({ path }) => new Path2D(path));
  #look: Look;
  /** The rows of each class: a change of colour costs more than a mark. */
  #rows = new Map<number, number[]>();
  #heldOut: Uint8Array = new Uint8Array(0);
  #onCircle = false;
  #points: Float32Array = new Float32Array(0);
  /** How far the axes reach from 0. */
  #extent = 0;

  /** @param canvas - What is drawn on; its size follows `look`. */
  constructor(canvas: OffscreenCanvas, look: Look) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d')!;
    this.#look = look;
    this.#draw();
  }

  /** Another size, or other colours. */
  set look(look: Look) {
    this.#look = look;
    this.#draw();
  }

  /** Other rows; they are drawn with their points. */
  open({ labels, heldOut, onCircle }: Marked): void {
    this.#rows = new Map();
    labels.forEach((label, row) => {
      const list = this.#rows.get(label);
      if (list === undefined) this.#rows.set(label, [row]);
      else list.push(row);
    });
    this.#heldOut = heldOut;
    this.#onCircle = onCircle;
    this.#extent = 0;
  }

  /** The rows at points `[rows, 2]`. The axes grow at once, and shrink slowly: the points move, not the plane. */
  show(points: Float32Array): void {
    this.#points = points;
    const reach = reachOf(points);
    const still = reach <= this.#extent && reach >= 0.4 * this.#extent;
    this.#extent = still ? Math.max(reach, 0.995 * this.#extent) : reach;
    this.#draw();
  }

  #draw(): void {
    const { side, density, inks } = this.#look;
    const canvas = this.#context;
    const pixels = Math.round(side * density);
    if (this.#canvas.width !== pixels) {
      this.#canvas.width = pixels;
      this.#canvas.height = pixels;
    }
    canvas.setTransform(density, 0, 0, density, 0, 0);
    canvas.clearRect(0, 0, side, side);
    if (this.#extent === 0) return;
    const scale = (value: number): number => EDGE + ((value / this.#extent + 1) / 2) * (side - 2 * EDGE);
    const told = ticks(-this.#extent, this.#extent, TICKS);
    canvas.lineWidth = 1;
    canvas.strokeStyle = inks.line;
    canvas.beginPath();
    for (const tick of told) {
      const at = Math.round(scale(tick)) + 0.5;
      canvas.moveTo(at, 0);
      canvas.lineTo(at, side);
      canvas.moveTo(0, side - at);
      canvas.lineTo(side, side - at);
    }
    canvas.stroke();
    if (this.#onCircle) {
      canvas.strokeStyle = inks.text;
      canvas.beginPath();
      canvas.arc(scale(0), side - scale(0), scale(1) - scale(0), 0, 2 * Math.PI);
      canvas.stroke();
    }
    // What is held out lies on top: hollow marks would be lost in a crowd.
    for (const heldOut of [false, true]) this.#drawMarks(scale, heldOut);
    canvas.setTransform(density, 0, 0, density, 0, 0);
    // The numbers are on top, each with a rim that lines and marks end at.
    const write = (value: string, x: number, y: number): void => {
      canvas.strokeText(value, x, y);
      canvas.fillText(value, x, y);
    };
    const text = tickFormat(-this.#extent, this.#extent, TICKS);
    canvas.font = '11px system-ui, sans-serif';
    canvas.fillStyle = inks.text;
    canvas.strokeStyle = inks.ground;
    canvas.lineWidth = 5;
    canvas.lineJoin = 'round';
    canvas.textAlign = 'center';
    canvas.textBaseline = 'bottom';
    for (const tick of told) write(text(tick), scale(tick), side - 2);
    canvas.textAlign = 'left';
    canvas.textBaseline = 'middle';
    // The lowest ones would lie on each other.
    for (const tick of told) if (scale(tick) > 2 * EDGE) write(text(tick), 3, side - scale(tick));
  }

  #drawMarks(scale: (value: number) => number, heldOut: boolean): void {
    const { side, density, inks } = this.#look;
    const canvas = this.#context;
    const size = MARK * density;
    canvas.lineWidth = 1.6 / MARK;
    for (const [label, rows] of this.#rows) {
      const [path, ink] = [this.#paths[label % 64]!, inks.classes[marks[label % 64]!.colour]!];
      canvas.strokeStyle = ink;
      canvas.fillStyle = heldOut ? inks.ground : ink;
      for (const row of rows) {
        if ((this.#heldOut[row] === 1) !== heldOut) continue;
        const [x, y] = [scale(this.#points[2 * row]!), side - scale(this.#points[2 * row + 1]!)];
        canvas.setTransform(size, 0, 0, size, density * x, density * y);
        canvas.fill(path);
        if (heldOut) canvas.stroke(path);
      }
    }
  }
}

/** The axes' reach for points: with a little room, and not below a tiny one where all is one point. */
function reachOf(points: Float32Array): number {
  let most = 1e-3;
  for (const value of points) most = Math.max(most, Math.abs(value));
  return 1.08 * most;
}
