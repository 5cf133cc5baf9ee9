/** @file The graph of a trace as a picture. */
import { checkKind, readOptions } from '../checks.js';
import { type Box, checkFold, type GraphOptions, graphOf } from './graph.js';
import { arrowPaths, placed, rounded } from './layout.js';
import { checkTrace } from './names.js';
import { FONT, LINE, PADDING, type Place, type Point } from './placement.js';
import type { Trace } from './trace.js';

/** Options of {@link toSvg}. */
export interface SvgOptions extends GraphOptions {
  /** The picture's name, shown on hovering and read out. Default `'Graph of the loss'`. */
  readonly title?: string;
}

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
export function toSvg(trace: Trace, options?: SvgOptions): string {
  checkTrace('toSvg', trace);
  const { title, fold } = readOptions('toSvg', options, { title: 'Graph of the loss', fold: [] });
  checkKind('toSvg', 'title', title, 'string');
  checkFold('toSvg', fold);
  const graph = graphOf(trace, { fold });
  const { width: w, height: h, places, arrows } = placed(graph);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="contragrad-graph" role="img" aria-label="${escaped(title)}" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${w}" height="${h}"/>`,
    ...arrows.map(({ points }) => arrowThrough(points)),
    ...graph.boxes.map((box) => drawn(box, places.get(box.id)!)),
    '</svg>',
    '',
  ].join('\n');
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

function arrowThrough(points: readonly Point[]): string {
  const { line, head } = arrowPaths(points);
  return `<path d="${line}"/><path class="head" d="${head}"/>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute; control characters and what XML 1.0 has no place for are left out. */
function escaped(text: string): string {
  return text
    .replace(/(?![\t\n])\p{Cc}|[\ud800-\udfff\ufffe\uffff]/gu, '')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}
