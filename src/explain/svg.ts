/** @file The graph of a trace as a picture. */
import { graphlib, layout } from '@dagrejs/dagre';
import { type Arrow, type Box, type GraphOptions, graphOf } from './graph.js';
import { columns } from './numbers.js';
import type { Trace } from './trace.js';

/** Options of {@link toSvg}. */
export interface SvgOptions extends GraphOptions {
  /** The picture's name, shown on hovering and read out. Default `'Graph of the loss'`. */
  readonly title?: string;
}

/** Sizes in pixels. The widest of the usual monospace fonts takes 0.602 of its size a letter. */
const FONT = 12;
const LETTER = 0.61 * FONT;
const LINE = 16;
const PADDING = 8;
const MARGIN = 16;

/** All pairs of text and ground have a contrast above 4.5, light and dark. */
const STYLE = `
.contragrad-graph { --ground: #ffffff; --ink: #1f2328; --line: #59636e; --quiet: #59636e;
  --operation: #f6f8fa; --input: #ddf4ff; --constant: #ffffff; --group: #fff8c5; --loss: #ffebe9; }
@media (prefers-color-scheme: dark) {
  .contragrad-graph { --ground: #0d1117; --ink: #f0f6fc; --line: #9198a1; --quiet: #b1bac4;
    --operation: #21262d; --input: #0c2d6b; --constant: #0d1117; --group: #3b2300; --loss: #490202; }
}
.contragrad-graph text { fill: var(--quiet); white-space: pre;
  font: ${FONT}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.contragrad-graph .name { font-weight: bold; fill: var(--ink); }
.contragrad-graph rect { stroke: var(--line); }
.contragrad-graph .ground { fill: var(--ground); stroke: none; }
.contragrad-graph path { fill: none; stroke: var(--line); }
.contragrad-graph .head { fill: var(--line); stroke: none; }
.contragrad-graph .constant rect { stroke-dasharray: 4 3; }
.contragrad-graph .loss rect, .contragrad-graph .group rect { stroke-width: 2; }
${['operation', 'input', 'constant', 'group', 'loss'].map((kind) => `.contragrad-graph .${kind} rect { fill: var(--${kind}); }`).join('\n')}
`;

/**
 * The graph as a picture that stands alone: value and gradient in every box (in full on hovering), arrows from inputs to
 * results; inputs are round, constants dashed, folded groups and the loss have a thick edge.
 *
 * @param trace - What `trace` returned.
 * @returns An `<svg>` element, for a file or a page; it follows the reader's light or dark mode.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { toSvg, trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * console.log(toSvg(trace(() => x.square())).startsWith('<svg')); // true
 * ```
 */
export function toSvg(trace: Trace, { title = 'Graph of the loss', ...options }: SvgOptions = {}): string {
  const { boxes, arrows } = graphOf(trace, options);
  const plan = new graphlib.Graph();
  plan.setGraph({ rankdir: 'TB', nodesep: 24, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  for (const box of boxes) plan.setNode(String(box.id), sizeOf(box));
  for (const { from, to } of arrows) plan.setEdge(String(from), String(to), {});
  layout(plan);
  const places = new Map(boxes.map(({ id }) => [id, plan.node(String(id)) as Place]));
  const { width = 0, height = 0 } = plan.graph() as { readonly width?: number; readonly height?: number };
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
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
  const pointsOf = (arrow: Arrow): Point[] => [
    ...docked(arrow, 'from'),
    ...bendsOf(arrow),
    ...docked(arrow, 'to').reverse(),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="contragrad-graph" role="img" aria-label="${escaped(title)}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${w}" height="${h}"/>`,
    ...arrows.map((arrow) => arrowThrough(pointsOf(arrow))),
    ...boxes.map((box) => drawn(box, places.get(box.id)!)),
    '</svg>',
    '',
  ].join('\n');
}

function sizeOf({ title, lines }: Box): { width: number; height: number } {
  const letters = Math.max(...[title, ...lines].map(columns));
  return { width: letters * LETTER + 2 * PADDING, height: (1 + lines.length) * LINE + PADDING };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A box by its middle. */
interface Place extends Point {
  readonly width: number;
  readonly height: number;
}

function drawn({ kind, title, lines, details }: Box, { x, y, width, height }: Place): string {
  const [left, top] = [x - width / 2, y - height / 2];
  const texts = [title, ...lines].map((text, i) => {
    const at = `x="${rounded(left + PADDING)}" y="${rounded(top + PADDING / 2 + (i + 0.75) * LINE)}"`;
    return `<text ${i === 0 ? 'class="name" ' : ''}${at}>${escaped(text)}</text>`;
  });
  const round = kind === 'input' || kind === 'constant' ? Math.min(12, height / 2) : 3;
  const place = `x="${rounded(left)}" y="${rounded(top)}" width="${rounded(width)}" height="${rounded(height)}"`;
  return `<g class="${kind}"><title>${escaped(details)}</title><rect ${place} rx="${round}"/>${texts.join('')}</g>`;
}

/** A line through the points, straight at both ends and rounded at the bends between, with a head at its end. */
function arrowThrough(points: readonly Point[]): string {
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
  const line = `M${at(points[0]!)} L${at(points[1]!)} ${bends.join(' ')} L${at(points.at(-2)!)} L${at(end)}`;
  return `<path d="${line}"/><path class="head" d="M${at(end)} L${side(1)} L${side(-1)} Z"/>`;
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute; control characters, which XML does not allow, are left out. */
function escaped(text: string): string {
  return text
    .replace(/(?!\n)\p{Cc}|[\ud800-\udfff](?![\udc00-\udfff])/gu, '')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}
