/** @file A drawing that follows the width of its place, and tells what is pointed at, by mouse, finger or keyboard. */
import { drawn, element } from './element.js';

/** A drawing, and what in it can be pointed at. */
export interface Drawing {
  readonly svg: SVGSVGElement;
  /** How many things can be pointed at. */
  readonly count: number;
  /** Where a thing is, in the drawing's pixels. */
  at(index: number): readonly [x: number, y: number];
  /** What is at a place; undefined for nothing. */
  find(x: number, y: number): number | undefined;
  /** The next thing in a direction; by default the next or the one before. */
  step?(index: number, right: number, down: number): number;
  /** What is told of a thing. */
  describe(index: number): readonly Node[];
}

const ARROWS: Readonly<Record<string, readonly [right: number, down: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** A drawing in the page: drawn anew when its place gets wider or narrower and when the colours change. */
export function chart(label: string, draw: (width: number) => Drawing, hint = ''): HTMLElement {
  const card = element('div', { class: 'card', role: 'status', hidden: '' });
  const place = element('div', { class: 'chart', tabindex: '0', role: 'group', 'aria-label': `${label}. ${hint}` });
  let width = 0;
  let current: Drawing | undefined;
  let pointed: number | undefined;

  const point = (index: number | undefined): void => {
    pointed = index;
    card.hidden = index === undefined;
    const ring = current?.svg.querySelector<SVGCircleElement>('.ring');
    ring?.setAttribute('visibility', index === undefined ? 'hidden' : 'visible');
    if (index === undefined || current === undefined) return;
    const [x, y] = current.at(index);
    ring?.setAttribute('transform', `translate(${x},${y})`);
    card.replaceChildren(...current.describe(index));
    // Beside the thing, on the side that has more room, and never outside.
    const left = x > width / 2 ? x - card.offsetWidth - 14 : x + 14;
    card.style.left = `${Math.max(0, Math.min(left, width - card.offsetWidth))}px`;
    card.style.top = `${Math.max(0, y - card.offsetHeight / 2)}px`;
  };

  const redraw = (): void => {
    if (width === 0) return;
    current = draw(width);
    current.svg.setAttribute('role', 'img');
    // Only what has a role may have a label: marks are told by the drawing's own.
    for (const part of current.svg.querySelectorAll<SVGElement>('g[aria-label]')) {
      part.dataset.mark = part.getAttribute('aria-label') ?? '';
      part.removeAttribute('aria-label');
    }
    current.svg.setAttribute('aria-label', label);
    current.svg.append(drawn('circle', { class: 'ring', r: 7, visibility: 'hidden' }));
    place.replaceChildren(current.svg, card);
    point(undefined);
  };
  new ResizeObserver(([entry]) => {
    const now = Math.floor(entry!.contentRect.width);
    if (now === width) return;
    width = now;
    redraw();
  }).observe(place);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);

  const follow = (event: PointerEvent): void => {
    const box = current?.svg.getBoundingClientRect();
    if (box !== undefined) point(current?.find(event.clientX - box.left, event.clientY - box.top));
  };
  place.addEventListener('pointermove', follow);
  place.addEventListener('pointerdown', follow);
  place.addEventListener('pointerleave', ({ pointerType }) => {
    // A finger leaves as soon as it is lifted: what it tapped stays told.
    if (pointerType !== 'touch') point(undefined);
  });
  place.addEventListener('blur', () => point(undefined));
  place.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') return point(undefined);
    const arrow = ARROWS[event.key];
    if (arrow === undefined || current === undefined || current.count === 0) return;
    event.preventDefault();
    const [right, down] = arrow;
    const last = current.count - 1;
    if (pointed === undefined) return point(right + down > 0 ? 0 : last);
    const next = current.step?.(pointed, right, down) ?? pointed + right + down;
    point(Math.max(0, Math.min(last, next)));
  });
  return place;
}

/** The margins and the look that all drawings share. */
export const LOOK = {
  className: 'plot',
  style: { fontSize: '12px', fontFamily: 'inherit', background: 'none', overflow: 'visible' },
} as const;

/** The thing nearest to a place, if it is near enough. */
export function nearest(
  count: number,
  at: (index: number) => readonly [number, number],
  px: number,
  py: number,
  reach: number,
): number | undefined {
  let [found, best]: [number | undefined, number] = [undefined, reach];
  for (let index = 0; index < count; index++) {
    const [x, y] = at(index);
    const far = Math.hypot(x - px, y - py);
    if (far < best) [found, best] = [index, far];
  }
  return found;
}

/** A drawing with scales, from values to pixels. */
export type Scaled = SVGSVGElement & { scale: (name: 'x' | 'y') => { apply: (value: number) => number } };

/** What the colour and dash of a line mean. */
export interface LineLook {
  readonly name: string;
  readonly color: string;
  readonly dash: string;
}

/** The key of lines. */
export function keyOf(series: readonly LineLook[]): HTMLElement {
  return element(
    'ul',
    { class: 'key' },
    ...series.map(({ name, color, dash }) => {
      const swatch = element('span', { class: dash === '' ? 'swatch' : 'swatch dashed', 'aria-hidden': 'true' });
      swatch.style.color = color;
      return element('li', {}, swatch, name);
    }),
  );
}
