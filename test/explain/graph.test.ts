/** @file The pictures of a graph: what they hold, what folds, and what a name cannot do. */
import { expect, test } from 'vitest';
import { type GraphOptions, type Trace, toDot, toSvg, trace } from '../../src/explain/index.js';
import { group, type Tensor, tensor } from '../../src/index.js';
import { HOSTILE, leaf, small, traces } from './traces.js';

/** The first lines of the boxes. */
const titles = (dot: string): string[] => [...dot.matchAll(/label="((?:[^"\\]|\\.)*?)\\l/g)].map(([, title]) => title!);
const arrows = (dot: string): string[] => dot.match(/\d+ -> \d+/g) ?? [];

test('every tensor is a box with shape, value and gradient, every use an arrow', () => {
  const dot = toDot(traces.contrastive);
  expect(titles(dot)).toHaveLength(traces.contrastive.tensors.length);
  const uses = traces.contrastive.tensors.flatMap(({ id, inputs }) => inputs.map((input) => `${input} -> ${id}`));
  expect(new Set(arrows(dot))).toEqual(new Set(uses));
  expect(dot).toContain(String.raw`label="sum₁ [3]\lvalue 0.25 0.61 1.57\lgrad  0.1667 -0.0467 0\l", shape=box]`);
  expect(dot).toMatch(/label="a \[3, 2\].*bold/);
  expect(dot).toMatch(/label="0\.5\\l".*dashed/);
  expect(dot).toMatch(/label="div\\l.*peripheries=2/);
});

test('large tensors are shown in short, in full on hovering', () => {
  const x = tensor(
    Float64Array.from({ length: 60 }, (_, i) => i),
    { shape: [6, 10], requiresGrad: true },
  );
  const shown = trace(() => x.sum());
  expect(toDot(shown)).toMatch(/value 0 1 2 [\d ;]*…/);
  expect(toDot(shown)).not.toContain('59');
  expect(toSvg(shown)).toMatch(/<title>input\nvalue 0 1 2 .* 59\n/);
});

test.each<[string, Trace, GraphOptions, string[]]>([
  [
    'all groups',
    traces.infoNCE,
    { fold: 'all' },
    ['normalize (6 operations)', 'normalize (6 operations)', 'scores (2 operations)'],
  ],
  ['one group by name', traces.infoNCE, { fold: ['scores'] }, ['scores (2 operations)']],
  ['a group in a group', traces.contrastive, { fold: ['distance'] }, ['distance (3 operations)']],
  ['the outer of two', traces.contrastive, { fold: 'all' }, ['distance (3 operations)', 'hinge (3 operations)']],
  ['a name that no group has', traces.triplet, { fold: ['nothing'] }, []],
])('%s: each connected part folds into one box', (_, shown, options, expected) => {
  const [whole, folded] = [toDot(shown), toDot(shown, options)];
  expect(
    titles(folded)
      .filter((title) => title.includes('operations'))
      .sort(),
  ).toEqual(expected);
  const hidden = expected.reduce((sum, title) => sum + Number(/\((\d+)/.exec(title)![1]) - 1, 0);
  const operations = (dot: string): number =>
    (dot.match(/^ {2}\d+ \[.*shape=box(3d|, peripheries=2)?\]/gm) ?? []).length;
  expect(operations(whole) - operations(folded)).toBe(hidden);
  const ids = new Set([...folded.matchAll(/^ {2}(\d+) \[/gm)].map(([, id]) => id));
  for (const arrow of arrows(folded)) for (const id of arrow.split(' -> ')) expect(ids).toContain(id);
});

test('a folded box has what leaves it: value and gradient of its results', () => {
  const dot = toDot(traces.triplet, { fold: ['hinge'] });
  expect(dot).toContain(String.raw`hinge (2 operations)\lrelu [3]\lvalue 1.08 1.21 0.87\l`);
  expect(dot).not.toContain('add');
  // The margin is used in the hinge alone.
  expect(titles(dot)).not.toContain('1');
  expect(titles(toDot(traces.triplet))).toContain('1');
});

test('a layer used twice in a row folds into two boxes, and the graph stays without a cycle', () => {
  const layer = (x: Tensor): Tensor => group('layer', () => x.mul(2).tanh());
  const x = leaf(0.5);
  const dot = toDot(
    trace(() => layer(layer(x).exp())),
    { fold: 'all' },
  );
  expect(titles(dot).filter((title) => title.startsWith('layer'))).toHaveLength(2);
});

test('a group that something outside leaves and enters again still has a picture', () => {
  const x = leaf(0.5);
  const shown = trace(
    () => {
      const inner = group('layer', () => x.mul(2));
      const outer = inner.exp();
      return group('layer', () => inner.add(outer));
    },
    { names: { x } },
  );
  const dot = toDot(shown, { fold: 'all' });
  expect(titles(dot)).toEqual(['x', 'layer (2 operations)', 'exp']);
  expect(arrows(dot)).toHaveLength(3);
  expect(toSvg(shown, { fold: 'all' })).not.toMatch(/NaN|undefined/);
});

test('a hostile name is text in both languages', () => {
  for (const options of [{}, { fold: 'all' }] as const) {
    const lines = toDot(small(HOSTILE), options).split('\n');
    expect(lines).toHaveLength(toDot(small('x'), options).split('\n').length);
  }
  const dot = toDot(small(HOSTILE));
  expect(dot).toContain(String.raw`label="</svg><b>&\"'\\ `);
  const svg = toSvg(small(HOSTILE), { title: HOSTILE, fold: 'all' });
  expect(svg.match(/<\/svg>/g)).toHaveLength(1);
  expect(svg).not.toMatch(/<b>|&(?!amp;|lt;|gt;|quot;|#39;)/);
  expect(svg).not.toContain('\u001b');
});

test('the picture stands alone, and has a name', () => {
  const svg = toSvg(traces.triplet, { title: 'Three points' });
  expect(svg).toContain('role="img" aria-label="Three points"');
  expect(svg).toContain('<title>Three points</title>');
  expect(svg).not.toMatch(/href|url\(|@import|<script|http(?!:\/\/www\.w3\.org\/2000\/svg")/);
  expect(svg).not.toContain('NaN');
});
