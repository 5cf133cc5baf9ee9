/** @file Traces with passes inside, of very long chains, with attributes that JSON lacks and with text that XML lacks. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type Numbers, renderText, type Trace, toDot, toMarkdown, toSvg, trace } from '../../src/explain/index.js';
import { defineOp, grad, group, type Tensor, tensor } from '../../src/index.js';
import { assertProperty, isFull } from '../support/depth.js';
import { wellFormed } from '../support/well-formed.js';

vi.setConfig({ testTimeout: 300_000 });

const leaf = (values: number[]): Tensor => tensor(values, { dtype: 'float64', requiresGrad: true });
const gradientOf = ({ tensors }: Trace, name: string): Numbers | null => tensors.find((x) => x.name === name)!.gradient;

describe('a backward pass inside the traced function', () => {
  const w = leaf([2, -1]);
  const first = (x: Tensor): Tensor => grad(x.mul(x).mul(x).sum(), [x], { createGraph: true })[0]!;
  const cases: [string, () => Tensor, number[]][] = [
    [
      'the square of a gradient',
      () =>
        first(w)
          .mul(2 / 3)
          .mul(3 / 2)
          .square()
          .sum(),
      [288, -36],
    ],
    [
      'as it is reported',
      () => {
        const [g] = grad(w.mul(w).mul(w).sum(), [w], { createGraph: true });
        return g!.square().sum();
      },
      [288, -36],
    ],
    ['a gradient penalty', () => w.mul(w).mul(w).sum().add(first(w).square().sum()), [300, -33]],
    ['one without a graph of its own', () => w.mul(grad(w.square().sum(), [w])[0]!).sum(), [4, -2]],
    [
      'two passes, one in the other',
      () => grad(first(w).sum(), [w], { createGraph: true })[0]!.square().sum(),
      [144, -72],
    ],
  ];

  test.each(cases)('%s: the gradients are those of the engine, and each step has its tensor', (_, make, expected) => {
    const result = trace(make, { names: { w } });
    expect(result.hasInnerPass).toBe(true);
    const shown = gradientOf(result, 'w') as number[];
    expect(Math.max(...shown.map((v, i) => Math.abs(v - expected[i]!)))).toBeLessThan(1e-9);
    expect([...grad(make(), [w])[0]!.dataSync()]).toEqual(gradientOf(result, 'w'));
    for (const { tensor, flows } of result.steps) {
      expect(result.tensors[tensor]?.op).toBeTypeOf('string');
      for (const { to, input } of flows) expect(result.tensors[tensor]!.inputs[input]).toBe(to);
    }
    for (const draw of [renderText, toMarkdown]) expect(draw(result)).toContain('ran a backward pass of its own');
    expect(wellFormed(toSvg(result))).toBe(true);
  });

  test('is said only where there is one', () => {
    const result = trace(() => w.square().sum(), { names: { w } });
    expect(result.hasInnerPass).toBe(false);
    expect(renderText(result) + toMarkdown(result)).not.toContain('of its own');
  });

  test('which frees the graph is an error in words', () => {
    const freeing = (): Tensor => {
      const y = w.square();
      grad(y.sum(), [w]);
      return y.sum();
    };
    expect(() => trace(freeing)).toThrow(/the graph behind square was freed/);
  });
});

/** A chain of `length` operations, and a leaf that all of them use. */
function chain(length: number): Trace {
  const [x, w] = [leaf([1]), leaf([0])];
  const run = (): Tensor => {
    let y = x.sum();
    for (let i = 2; i < length; i += 2) y = y.add(w.sum());
    return y;
  };
  return trace(run, { names: { x, w } });
}

test.each([1_200, isFull ? 100_000 : 20_000])('a chain of %i operations has a picture', (length) => {
  const result = chain(length);
  const svg = toSvg(result);
  expect(svg.match(/<g class=/g)).toHaveLength(result.tensors.length);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  expect(toDot(result).match(/ -> /g)!.length).toBeGreaterThan(length);
  if (length > 2_000) return;
  expect(wellFormed(svg)).toBe(true);
  // No two boxes overlap.
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)].map((match) =>
    match.slice(1).map(Number),
  ) as [number, number, number, number][];
  expect(boxes).toHaveLength(result.tensors.length);
  const overlapping = boxes.flatMap(([x, y, w, h], i) =>
    boxes.slice(0, i).filter(([p, q, v, g]) => x < p + v && p < x + w && y < q + g && q < y + h),
  );
  expect(overlapping).toEqual([]);
});

test('a large graph whose folded groups wait for each other has a picture', () => {
  const x = leaf([1]);
  const run = (): Tensor => {
    let y = x.sum();
    for (let i = 0; i < 1_500; i++) {
      const inner = group('layer', () => y.mul(2));
      const outer = inner.exp();
      y = group(i % 2 === 0 ? 'layer' : 'other', () => inner.add(outer)).tanh();
    }
    return y;
  };
  for (const fold of [['layer'], ['other']]) {
    const svg = toSvg(trace(run), { fold });
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(wellFormed(svg)).toBe(true);
  }
});

describe('attributes are shown in words', () => {
  const named = (x: number): number => x;
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const of = (attributes: unknown): Trace => {
    const op = defineOp<readonly [Tensor], unknown>({
      name: 'own',
      formula: 'y = x',
      localDerivative: [String.raw`\bar x \mathrel{+}= \bar y`],
      forward: ([x]) => x.add(0),
      pullBack: [(g) => g],
    });
    return trace(() => op([leaf([1])], attributes).sum());
  };
  test.each<[string, unknown, unknown]>([
    ['a function', { f: named }, { f: 'the function named' }],
    [
      'one without a name',
      {
        f: (
          () => () =>
            1
        )(),
      },
      { f: 'a function' },
    ],
    ['a function alone', named, 'the function named'],
    ['a BigInt', { n: 10n }, { n: '10n' }],
    ['a symbol', { s: Symbol('s') }, { s: 'Symbol(s)' }],
    ['a cycle', cyclic, { self: 'an object around this one' }],
    ['a tensor', { t: tensor([[1, 2]]) }, { t: 'a tensor [1, 2]' }],
    ['a typed array', { a: Float32Array.of(1, Number.NaN) }, { a: [1, 'NaN'] }],
    ['a Map', { m: new Map() }, { m: 'an object of Map' }],
    ['infinity', { p: Number.POSITIVE_INFINITY }, { p: 'Infinity' }],
    ['nothing', { a: undefined, b: null }, { b: null }],
    ['an object without a prototype', Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
  ])('%s', (_, attributes, expected) => {
    const result = of(attributes);
    expect(result.tensors.find(({ op }) => op === 'own')!.attributes).toEqual(expected);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    for (const draw of [renderText, toMarkdown, toDot, toSvg]) expect(draw(result)).toContain('own');
    if (typeof attributes === 'function') expect(renderText(result)).toContain('own(input; with the function named)');
  });
});

/** Strings of what XML lacks, and of what it takes for its own. */
const hostile = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      fc.constantFrom(
        '\ufffe',
        '\uffff',
        '\ud800',
        '\udc00',
        '\u0000',
        '\u001b',
        '\u2028',
        '\u0085',
        '\r',
        '\n',
        ']]>',
      ),
      fc.constantFrom('&amp;', '&#0;', '<!--', '</svg>', '"', "'", '\u{1fffe}', '\u{1f600}', '\\'),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

test('any name, group and title gives well-formed XML, and one line of DOT and Markdown', () => {
  assertProperty(
    fc.property(hostile, hostile, hostile, (name, inner, title) => {
      const x = leaf([3]);
      const result = trace(() => group(inner, () => x.mul(x).add(x)).sum(), { names: { [name]: x } });
      for (const fold of [[], 'all'] as const) {
        expect(wellFormed(toSvg(result, { title, fold }))).toBe(true);
        const dot = toDot(result, { fold });
        expect(dot.split(/[\r\n\u0085\u2028\u2029]/)).toHaveLength(dot.split('\n').length);
        expect(dot).not.toMatch(/&amp;(?=.*label).*&(?!amp;)#?\w+;/);
      }
      for (const text of [toDot(result), toMarkdown(result), renderText(result)]) {
        expect(text).not.toMatch(/\p{Cs}/u);
        for (const sign of ['\ufffe', '\uffff', '\u0000', '\u2028']) expect(text).not.toContain(sign);
      }
    }),
    300,
  );
});

test('the titles that were reported', () => {
  const result = trace(() => leaf([3]).sum());
  for (const title of ['\ufffe', 'a\ud800b', '\u0000\u001f\u007f', '\u{1f600}']) {
    const svg = toSvg(result, { title });
    expect(wellFormed(svg)).toBe(true);
    expect(svg.includes('\u{1f600}')).toBe(title === '\u{1f600}');
  }
  expect(wellFormed('<svg><title>\ufffe</title></svg>')).toBe(false);
  expect(wellFormed('<svg><title>&#0;</title></svg>')).toBe(false);
  expect(wellFormed('<svg><title>a</svg>')).toBe(false);
});
