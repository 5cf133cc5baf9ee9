/** @file Draws embeddings on a canvas: a mark and a colour for each class, filled where a row is trained on. */
import { scaleLinear } from 'd3-scale';
import { markOf } from '../lab/marks.js';

/** The site's colours, as the canvas takes them. */
export interface Inks {
  readonly classes: readonly string[];
  readonly line: string;
  readonly text: string;
}

/** What is drawn. */
export interface Picture {
  /** `[rows, 2]`. */
  readonly points: Float32Array;
  readonly labels: Int32Array;
  readonly heldOut: Uint8Array;
  /** How far the axes reach from 0. */
  readonly extent: number;
  /** The side of the square, in pixels of the page. */
  readonly side: number;
}

const MARK = 0.62;
const EDGE = 18;
const marks = Array.from({ length: 64 }, (_, sample) => markOf(sample));
let paths: Path2D[] | undefined;

/** The axes' reach for points: with a little room, and not below a tiny one where all is one point. */
export function reachOf(points: Float32Array): number {
  let most = 1e-3;
  for (const value of points) most = Math.max(most, Math.abs(value));
  return 1.08 * most;
}

/** Draws all; the canvas' context is scaled to pixels of the page. */
export function drawScatter(canvas: CanvasRenderingContext2D, picture: Picture, inks: Inks): void {
  const { points, labels, heldOut, extent, side } = picture;
  const scale = scaleLinear([-extent, extent], [EDGE, side - EDGE]);
  canvas.clearRect(0, 0, side, side);
  canvas.font = '11px system-ui, sans-serif';
  canvas.textAlign = 'center';
  canvas.textBaseline = 'bottom';
  canvas.lineWidth = 1;
  canvas.strokeStyle = inks.line;
  canvas.fillStyle = inks.text;
  canvas.beginPath();
  for (const tick of scale.ticks(5)) {
    const at = Math.round(scale(tick)) + 0.5;
    canvas.moveTo(at, 0);
    canvas.lineTo(at, side);
    canvas.moveTo(0, side - at);
    canvas.lineTo(side, side - at);
  }
  canvas.stroke();
  paths ??= marks.map(({ path }) => new Path2D(path));
  // Class by class: a change of colour costs more than a mark.
  const byClass = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const list = byClass.get(label);
    if (list === undefined) byClass.set(label, [row]);
    else list.push(row);
  });
  canvas.lineWidth = 1.6 / MARK;
  for (const [label, rows] of byClass) {
    const { colour } = marks[label % 64]!;
    canvas.strokeStyle = inks.classes[colour]!;
    canvas.fillStyle = inks.classes[colour]!;
    for (const row of rows) {
      const [x, y] = [scale(points[2 * row]!), side - scale(points[2 * row + 1]!)];
      canvas.save();
      canvas.translate(x, y);
      canvas.scale(MARK, MARK);
      if (heldOut[row] === 1) canvas.stroke(paths[label % 64]!);
      else canvas.fill(paths[label % 64]!);
      canvas.restore();
    }
  }
  // The numbers are on top: marks may lie under them.
  canvas.fillStyle = inks.text;
  const told = scale.tickFormat(5);
  for (const tick of scale.ticks(5)) canvas.fillText(told(tick), scale(tick), side - 2);
  canvas.textAlign = 'left';
  canvas.textBaseline = 'middle';
  // The lowest ones would lie on each other.
  for (const tick of scale.ticks(5)) if (scale(tick) > 2 * EDGE) canvas.fillText(told(tick), 3, side - scale(tick));
}
