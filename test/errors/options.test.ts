/** @file How options are read: which are known, of which kind, and what stands where nothing is given. */
import { describe, expect, test } from 'vitest';
import { nearest, readOptions } from '../../src/checks.js';
import { ArgumentError, Generator, tensor } from '../../src/index.js';

interface Options {
  readonly axis?: number | readonly number[];
  readonly keepDims?: boolean;
  readonly margin?: number;
  readonly reduction?: 'mean' | 'sum';
}

const DEFAULTS = { axis: undefined, keepDims: false, margin: 1, reduction: 'mean' } as const;
const read = (options?: unknown): unknown => readOptions('op', options as Options | undefined, DEFAULTS);

test('what is not given is the default, and what is given takes its place', () => {
  expect(read()).toEqual(DEFAULTS);
  expect(read({})).toEqual(DEFAULTS);
  expect(read({ axis: [0, 1], keepDims: true })).toEqual({ ...DEFAULTS, axis: [0, 1], keepDims: true });
  expect(read({ margin: undefined })).toEqual(DEFAULTS);
  expect(read({ margin: Number.NaN })).toEqual({ ...DEFAULTS, margin: Number.NaN });
});

test('options may come from anywhere as long as they are a plain object', () => {
  expect(read(Object.assign(Object.create(null), { margin: 2 }))).toEqual({ ...DEFAULTS, margin: 2 });
  // What an object inherits counts too: nothing is left out without a word.
  expect(read(Object.create({ margin: 2 }))).toEqual({ ...DEFAULTS, margin: 2 });
  expect(() => read(Object.create({ mragin: 2 }))).toThrow('op: has no option "mragin"');
  expect(read(Object.freeze({ margin: 2 }))).toEqual({ ...DEFAULTS, margin: 2 });
  expect(read(new Proxy({ margin: 2 }, {}))).toEqual({ ...DEFAULTS, margin: 2 });
});

test.each<[string, unknown, string]>([
  ['null', null, 'null'],
  ['a number', 5, '5'],
  ['a boolean', false, 'false'],
  ['a list', [1], '[1]'],
  ['no list', [], 'an empty list'],
  ['a Map', new Map([['margin', 1]]), 'a Map'],
  ['a generator', new Generator(1), 'a Generator'],
  ['a tensor', tensor(1), 'a Tensor'],
  ['a typed array', new Float32Array(1), 'a Float32Array'],
  ['a function', () => ({}), 'a function'],
])('%s in their place is refused', (_, options, got) => {
  const hint = 'known are axis, keepDims, margin, reduction';
  expect(() => read(options)).toThrow(
    new ArgumentError('op', `options must be a plain object, got ${got}`, hint).message,
  );
});

describe('of the kind that the default has', () => {
  test.each<[string, object, string]>([
    ['a flag in words', { keepDims: 'false' }, 'keepDims must be a boolean, got "false"'],
    ['a flag as a number', { keepDims: 1 }, 'keepDims must be a boolean, got 1'],
    ['a number in words', { margin: '1' }, 'margin must be a number, got "1"'],
    ['a number in a list', { margin: [1] }, 'margin must be a number, got [1]'],
    ['nothing at all', { margin: null }, 'margin must be a number, got null'],
  ])('%s is refused', (_, options, message) => {
    expect(() => read(options)).toThrow(`op: ${message}`);
  });
});

describe('a name that is not known', () => {
  test('is told with the nearest that is, and all others', () => {
    expect(() => read({ mragin: 10 })).toThrow(
      'op: has no option "mragin"; did you mean margin? known are axis, keepDims, margin, reduction',
    );
    expect(() => read({ quite: 10 })).toThrow('op: has no option "quite"; known are axis, keepDims, margin, reduction');
    expect(() => readOptions<object, object>('op', { a: 1 }, {})).toThrow('op: has no option "a"; it takes none');
  });

  test.each<[string, string[], string | undefined]>([
    ['mragin', ['margin', 'half'], 'margin'],
    ['learningRate', ['lr', 'betas', 'eps', 'weightDecay'], 'lr'],
    ['weight_decay', ['lr', 'betas', 'eps', 'weightDecay'], 'weightDecay'],
    ['tau', ['negatives', 'temperature', 'normalize'], 'temperature'],
    ['keepdim', ['axis', 'keepDims'], 'keepDims'],
    ['dim', ['axis', 'keepDims'], 'axis'],
    ['mod', ['mode', 'strict'], 'mode'],
    ['kerass', ['articleCode', 'keras', 'hadsell'], 'keras'],
    ['xyz', ['axis', 'p'], undefined],
    ['probability', ['p'], undefined],
    ['', ['axis'], undefined],
  ])('%s among %s', (name, known, meant) => {
    expect(nearest(name, known)).toBe(meant);
  });
});
