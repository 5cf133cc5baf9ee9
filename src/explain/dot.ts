/** @file The graph of a trace in DOT, the language of Graphviz. */
import { readOptions } from '../checks.js';
import { checkFold, type GraphOptions, graphOf } from './graph.js';
import { checkTrace } from './names.js';
import type { Trace } from './trace.js';

const SHAPES = {
  input: 'shape=box, style="rounded,bold"',
  constant: 'shape=box, style="rounded,dashed"',
  operation: 'shape=box',
  group: 'shape=box3d',
  loss: 'shape=box, peripheries=2',
} as const;

/** A DOT string: backslashes, quotes and what would be read as an entity of HTML escaped, lines flush left. */
const quoted = (lines: readonly string[]): string => `"${lines.map((line) => `${literal(line)}\\l`).join('')}"`;

const literal = (line: string): string =>
  line
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/&(?=#?\w+;)/g, '&amp;');

/**
 * The graph in DOT, for `dot -Tsvg`: value and gradient in every box, arrows from inputs to results.
 *
 * @param trace - What `trace` returned.
 * @returns The text of a `.gv` file.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { toDot, trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const dot = toDot(trace(() => x.square(), { names: { x } }));
 * console.log(dot.split('\n').at(-3)?.trim()); // 0 -> 1;
 * ```
 */
export function toDot(trace: Trace, options?: GraphOptions): string {
  checkTrace('toDot', trace);
  const read = readOptions('toDot', options, { fold: [] });
  checkFold('toDot', read.fold);
  const { boxes, arrows } = graphOf(trace, read);
  return [
    'digraph {',
    '  node [fontname="monospace", fontsize=11];',
    ...boxes.map(({ id, kind, title, lines }) => `  ${id} [label=${quoted([title, ...lines])}, ${SHAPES[kind]}];`),
    ...arrows.map(({ from, to }) => `  ${from} -> ${to};`),
    '}',
    '',
  ].join('\n');
}
