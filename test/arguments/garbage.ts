/** @file What plain JavaScript may pass where something else belongs, each an expression in TypeScript. */

/** Values that garbage names, as {@link NAMES} has them. */
export const GARBAGE_NAMES: Readonly<Record<string, string>> = {
  cyclicList: '(() => { const list: unknown[] = [1]; list.push(list); return list; })()',
  cyclicObject: '(() => { const o: { self?: unknown } = {}; o.self = o; return o; })()',
  proxied: 'new Proxy(tensor([[1, 2], [3, 4]]), {})',
  detached: '(() => { const a = new Float32Array(4); structuredClone(a, { transfer: [a.buffer] }); return a; })()',
  cube3: 'ones([2, 2, 2])',
  ints: "tensor([[1, 0], [0, 1]], { dtype: 'int32' })",
  nans: 'tensor([[NaN, NaN, NaN], [NaN, NaN, NaN]])',
  empty: 'zeros([0, 3])',
};

/** In place of an argument, of the value of an option, or of the first item of a list. */
export const GARBAGE: readonly string[] = [
  'null',
  'undefined',
  'true',
  "'abc'",
  "''",
  "'x'.repeat(1000)",
  "'5'",
  'NaN',
  'Infinity',
  '-1',
  '0',
  '1.5',
  '2 ** 31',
  '2n ** 70n',
  "Symbol('s')",
  '[]',
  '[1]',
  '[1, , 3]',
  '[null]',
  "['a', 'b']",
  '[[1], [2, 3]]',
  'cyclicList',
  '{}',
  'cyclicObject',
  '() => {}',
  'new Date(NaN)',
  '/x/',
  'new Map()',
  'new Set([1])',
  'Promise.resolve(1)',
  'new Proxy({}, {})',
  'proxied',
  'detached',
  'new Uint8ClampedArray(1024)',
  '[1e9, 1e9]',
  'new Generator(1)',
  'cube3',
  'ints',
  'nans',
  'empty',
];

/** Options that no function has. */
export const UNKNOWN_OPTIONS: readonly string[] = ['dim: 0', 'mragin: 10'];

/** One argument more than there are. */
export const EXTRA: readonly string[] = ['5', '{ dim: 0 }', 'null'];
