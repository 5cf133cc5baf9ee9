/** @file What the loss lab draws, read off the page, and where plain loops expect it. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Point, pairForce, plainLosses, totalForce } from './plain-losses.js';

/** What is drawn in the plane of a loss; everything but `points` in pixels of the screen. */
export interface Drawn {
  readonly points: Point[];
  readonly marks: Point[];
  /** The lengths of a unit to the right and upwards, and where the origin is. */
  readonly unit: Point;
  readonly origin: Point;
  /** How many units long a force of 1 is drawn, as the page says it. */
  readonly scale: number;
  readonly selected: number;
  readonly arrows: {
    kind: string;
    on: number;
    from: number | null;
    tail: Point;
    tip: Point;
    dashed: boolean;
    filled: boolean;
  }[];
}

/** Reads a plane, by what was rendered. */
export function drawnIn(page: Page, loss: string): Promise<Drawn> {
  return page.evaluate<Drawn>(`(() => {
    const svg = document.querySelector('.lab-plane svg[data-loss="${loss}"]');
    const section = svg.closest('.lab-loss');
    const onScreen = (node, x, y) => {
      const { a, b, c, d, e, f } = node.getScreenCTM();
      return [a * x + c * y + e, b * x + d * y + f];
    };
    const ticks = (axis) => [...svg.querySelectorAll('text[data-' + axis + ']')].map((text) => [
      Number(text.dataset[axis]),
      onScreen(text, Number(text.getAttribute('x')), Number(text.getAttribute('y')))[axis === 'x' ? 0 : 1],
    ]);
    const ruler = (axis) => {
      const [first, last] = [ticks(axis)[0], ticks(axis).at(-1)];
      const unit = (last[1] - first[1]) / (last[0] - first[0]);
      return [unit, first[1] - unit * first[0]];
    };
    const [[unitX, originX], [unitY, originY]] = [ruler('x'), ruler('y')];
    const points = [...svg.querySelectorAll('[data-point]')];
    const ends = (path) => [...path.getAttribute('d').matchAll(/(-?[\\d.]+) (-?[\\d.]+)/g)]
      .map(([, x, y]) => onScreen(path, Number(x), Number(y)));
    return {
      points: points.map((point) => point.dataset.at.split(' ').map(Number)),
      marks: points.map((point) => onScreen(point, 0, 0)),
      unit: [unitX, -unitY],
      origin: [originX, originY],
      scale: Number(section.querySelector('.lab-stepper output').textContent.slice(1)),
      selected: points.findIndex((point) => point.getAttribute('aria-pressed') === 'true'),
      arrows: [...svg.querySelectorAll('.lab-arrow[data-on]')].map((arrow) => {
        const [shaft, head] = [arrow.querySelector('.lab-shaft'), arrow.querySelector('.lab-head')];
        return {
          kind: /lab-(total|pull|push)/.exec(arrow.getAttribute('class'))[1],
          on: Number(arrow.dataset.on),
          from: arrow.dataset.from === undefined ? null : Number(arrow.dataset.from),
          tail: ends(shaft)[0],
          tip: ends(head)[1],
          dashed: getComputedStyle(shaft).strokeDasharray !== 'none',
          filled: getComputedStyle(head).fill !== 'none',
        };
      }),
    };
  })()`);
}

/** Where the arrow of a force begins and ends: at the rim of its mark, or at the ring of the selected one, and its length from there. */
export function arrowOf({ marks, unit, scale, selected }: Drawn, on: number, force: readonly number[]): [Point, Point] {
  const [x, y] = [force[0]! * scale * unit[0]!, -force[1]! * scale * unit[1]!];
  const rim = on === selected ? 15 : 10;
  const length = Math.hypot(x, y);
  const [left, top] = marks[on]!.map((at, axis) => at + (rim * [x, y][axis]!) / length) as [number, number];
  return [
    [left, top],
    [left + x, top + y],
  ];
}

/** Expects every arrow of a plane where plain loops say, to a pixel. */
export function expectArrows(loss: string, drawn: Drawn): void {
  const { points, marks, unit, origin, scale, selected, arrows } = drawn;
  const plain = plainLosses[loss]!;
  points.forEach(([x, y], i) => {
    expect(marks[i]![0]).toBeCloseTo(origin[0]! + x! * unit[0]!, 1);
    expect(marks[i]![1]).toBeCloseTo(origin[1]! - y! * unit[1]!, 1);
  });
  const expectArrow = (on: number, from: number | null, force: readonly number[]): number => {
    const found = arrows.filter((arrow) => arrow.on === on && arrow.from === from);
    if (found.length === 0) {
      expect(Math.hypot(...force) * scale * unit[0]!, `no arrow on ${on} from ${from}`).toBeLessThan(1);
      return 0;
    }
    const [{ tail, tip }] = found as [Drawn['arrows'][number]];
    const [wantedTail, wantedTip] = arrowOf(drawn, on, force);
    const offBy = (at: Point, ideal: Point): number => Math.hypot(at[0]! - ideal[0]!, at[1]! - ideal[1]!);
    // The arrow of a pair may lie beside that of all forces: both ends aside alike.
    const aside = [tail[0]! - wantedTail[0]!, tail[1]! - wantedTail[1]!];
    expect(Math.hypot(...aside), `the arrow on ${on} from ${from}`).toBeLessThan(from === null ? 1 : 7);
    const shifted = [wantedTip[0]! + aside[0]!, wantedTip[1]! + aside[1]!];
    expect(offBy(tip, shifted), `the arrow on ${on} from ${from}`).toBeLessThan(1);
    return 1;
  };
  let seen = 0;
  points.forEach((_, on) => {
    seen += expectArrow(on, null, totalForce(plain, points, on));
  });
  expect(seen).toBeGreaterThan(3);
  points.forEach((_, from) => {
    const force = pairForce(plain, points, selected, from);
    if (force !== undefined) seen += expectArrow(selected, from, force);
  });
  expect(arrows).toHaveLength(seen);
  for (const { kind, dashed, filled, on, from } of arrows) {
    if (from === null) continue;
    expect([dashed, filled]).toEqual(kind === 'pull' ? [false, true] : [true, false]);
    // Positives pull and negatives push in these losses.
    expect(kind).toBe(on >> 1 === from >> 1 ? 'pull' : 'push');
  }
}
