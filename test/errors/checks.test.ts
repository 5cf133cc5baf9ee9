/** @file What plain values may be, at the edges of it; and what messages show of others. */
import { describe, expect, test } from 'vitest';
import {
  checkChoice,
  checkNumbers,
  checkPositive,
  checkRange,
  checkWhole,
  checkWholes,
  describe as described,
  isWhole,
  wholePair,
} from '../../src/checks.js';
import { ArgumentError } from '../../src/index.js';

const { NaN: nan, POSITIVE_INFINITY: infinity, MAX_SAFE_INTEGER: most } = Number;

describe('numbers', () => {
  const taken: Readonly<Record<string, readonly [check: (value: number) => void, right: number[], wrong: number[]]>> = {
    whole: [(v) => checkWhole('op', 'n', v), [1, 2, most], [0, -1, 1.5, nan, infinity, most + 1]],
    'whole, 0 or more': [(v) => checkWhole('op', 'n', v, 0), [0, 1], [-1, 0.5]],
    'whole, listed': [(v) => checkWholes('op', 'n', [3, v]), [-5, 0, 5], [0.5, nan]],
    'whole, listed, 1 or more': [(v) => checkWholes('op', 'n', [3, v], 1), [1, 2], [0, 1.5]],
    'one of a pair': [(v) => void wholePair('op', 'n', [1, v]), [1, 9], [0, 0.5, nan]],
    'both of a pair': [(v) => void wholePair('op', 'n', v, 0), [0, 9], [-1, 0.5, nan]],
    positive: [(v) => checkPositive('op', 'n', v), [1e-300, 1, 1e300], [0, -0, -1, nan, infinity, -infinity]],
    'from 0': [(v) => checkRange('op', 'n', v), [0, -0, 1e300], [-1e-300, nan, infinity]],
    'in [1, 2)': [(v) => checkRange('op', 'n', v, 1, 2), [1, 1.999], [0.999, 2, nan]],
  };
  test.each(Object.entries(taken))('%s', (_, [check, right, wrong]) => {
    for (const value of right) expect(() => check(value), String(value)).not.toThrow();
    for (const value of wrong) expect(() => check(value), String(value)).toThrow(ArgumentError);
  });

  test('a whole number may be anything where no least is said', () => {
    expect([-most, -1, 0, 1.5, nan, '1'].map((value) => isWhole(value))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect([-1, 0, 1].map((value) => isWhole(value, 0))).toEqual([false, true, true]);
  });

  test('a pair is two of them, or one for both', () => {
    expect(wholePair('op', 'n', 3)).toEqual([3, 3]);
    expect(wholePair('op', 'n', [3, 4])).toEqual([3, 4]);
    for (const wrong of [[1], [1, 2, 3], '12', { length: 2, 0: 1, 1: 2 }, null]) {
      expect(() => wholePair('op', 'n', wrong as never)).toThrow(
        'op: n must be a whole number or two, 1 or more, got ',
      );
    }
  });
});

test.each<[string, () => unknown, string]>([
  ['a whole number', () => checkWhole('op', 'n', 0), 'op: n must be a whole number, 1 or more, got 0'],
  [
    'a list',
    () => checkWholes('op', 'n', [0, 'a'] as never, 1),
    'op: n must be a list of whole numbers, 1 or more, got [0, "a"]',
  ],
  ['any list', () => checkWholes('op', 'n', [0.5]), 'op: n must be a list of whole numbers, got [0.5]'],
  ['no list', () => checkWholes('op', 'n', 5 as never), 'op: n must be a list of whole numbers, got 5'],
  ['a positive number', () => checkPositive('op', 'n', nan), 'op: n must be a positive finite number, got NaN'],
  ['a range', () => checkRange('op', 'n', 2, 0, 1), 'op: n must be in [0, 1), got 2'],
  ['an open range', () => checkRange('op', 'n', -1), 'op: n must be a finite number, 0 or more, got -1'],
  ['two choices', () => checkChoice('op', 'n', 'c', ['a', 'b']), "op: n must be 'a' or 'b', got \"c\""],
  ['three choices', () => checkChoice('op', 'n', 3, ['a', 'b', 'c']), "op: n must be 'a', 'b' or 'c', got 3"],
])('says what is wanted: %s', (_, act, message) => {
  expect(act).toThrow(new ArgumentError('op', message.slice(4)).message);
});

test('what is right is taken', () => {
  expect(() => checkChoice('op', 'n', 'b', ['a', 'b'])).not.toThrow();
  const fail = (at: number, got: string): Error => new Error(`${at}: ${got}`);
  for (const row of [[], [1, nan, -0], new Float32Array(3), new Float32Array(0)]) {
    expect(() => checkNumbers(row, fail)).not.toThrow();
  }
  expect(() => checkNumbers(['', 1], fail)).toThrow('0: ""');
  expect(() => checkNumbers([1, 2, null], fail)).toThrow('2: null');
  expect(() => checkNumbers(new BigInt64Array(2), fail)).toThrow('0: 0');
});

test('values are shown in few words', () => {
  class Apple {}
  class Pear {}
  const list: [unknown, string][] = [
    ['a', '"a"'],
    ['x'.repeat(60), `"${'x'.repeat(60)}"`],
    ['x'.repeat(61), `"${'x'.repeat(60)}…"`],
    [[], 'an empty list'],
    [[1, 'a', true], '[1, "a", true]'],
    [[[1]], 'a list of 1'],
    [new Array(9).fill(0), 'a list of 9'],
    [2n ** 70n, '1180591620717411303424n'],
    [Symbol('s'), 'Symbol(s)'],
    [new Map(), 'a Map'],
    [new Proxy({}, {}), 'an object'],
    [new Int8Array(3), 'an Int8Array'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [new (class {})(), 'an object'],
    [new Apple(), 'an Apple'],
    [new Pear(), 'a Pear'],
    [() => {}, 'a function'],
    [null, 'null'],
    [undefined, 'undefined'],
    [nan, 'NaN'],
    [true, 'true'],
  ];
  for (const [value, text] of list) expect(described(value)).toBe(text);
});
