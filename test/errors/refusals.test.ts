/** @file What small checks let through and what they refuse, one operand of each condition at a time. */
import { describe, expect, test } from 'vitest';
import {
  checkList,
  checkObject,
  checkWholes,
  describe as described,
  nearest,
  readOptions,
  wholePair,
} from '../../src/checks.js';
import * as cg from '../../src/index.js';

const { metrics, nn, optim, tensor } = cg;
const { ArgumentError, ContragradError } = cg;
const leaf = (): cg.Tensor => tensor([1, 2], { requiresGrad: true });

/** What plain JavaScript passes. */
const any = (value: unknown): never => value as never;

test('lists of a given length', () => {
  expect(() => checkWholes('op', 'n', [1, 2], 0, 2)).not.toThrow();
  expect(() => checkWholes('op', 'n', [1, 2, 3], 0, 2)).toThrow(
    'op: n must be 2 whole numbers, 0 or more, got [1, 2, 3]',
  );
  expect(() => checkWholes('op', 'n', any({ length: 2 }), 0, 2)).toThrow(ArgumentError);
});

test('both of a pair are looked at', () => {
  for (const pair of [[0.5, 1], [1, 0.5], [1], [1, 2, 3], 0.5])
    expect(() => wholePair('op', 'n', any(pair))).toThrow(ArgumentError);
});

test('objects', () => {
  for (const right of [{}, []]) expect(() => checkObject('op', 'n', right)).not.toThrow();
  for (const wrong of [null, undefined, 5])
    expect(() => checkObject('op', 'n', wrong)).toThrow('op: n must be an object, got ');
});

test('lists of numbers', () => {
  for (const right of [[], [1], new Float32Array(2)]) expect(() => checkList('op', 'n', right)).not.toThrow();
  for (const wrong of [{ length: 0 }, new DataView(new ArrayBuffer(8)), 'ab', null]) {
    expect(() => checkList('op', 'n', wrong)).toThrow('op: n must be a list of numbers, got ');
  }
  expect(() => checkList('op', 'n', new BigInt64Array(1))).toThrow('op: n must be numbers, got 0n at element 0');
});

test('short words for long things', () => {
  expect(described([1, [2]])).toBe('a list of 2');
  expect(described(new Map())).toBe('a Map');
  expect(described(new nn.Parameter(tensor(1)))).toBe('a Tensor');
  expect(described(new Proxy(tensor(1), {}))).toBe('a Tensor');
});

test('the nearest name', () => {
  expect(nearest('dim', ['size', 'dims'])).toBe('dims');
  // More letters in common are nearer where both are wholly in the name.
  expect(nearest('keepDims', ['ke', 'keep'])).toBe('keep');
  // Three letters of five are not much.
  expect(nearest('abcxy', ['abczz'])).toBe('abczz');
  expect(nearest('abxyz', ['abcde'])).toBeUndefined();
  expect(nearest('abcdefghijxxxxxxxxxx', ['abcdefghijyyyyyyyyyy'])).toBeUndefined();
  // Of two that are as long, the letters of the known one are looked for.
  expect(nearest('xab', ['abx'])).toBe('abx');
});

test('an object of a class of its own is no options, one without any is', () => {
  class Settings {
    margin = 1;
  }
  expect(() => readOptions<object, object>('op', new Settings(), { margin: 0 })).toThrow('got a Settings');
  expect(readOptions<object, object>('op', Object.create(null), { margin: 0 })).toEqual({ margin: 0 });
});

describe('states', () => {
  const layer = new nn.Linear(2, 1);
  test.each([null, undefined, 5, 'abc'])('%s is none', (state) => {
    expect(() => layer.loadStateDict(any(state))).toThrow('loadStateDict: the state must be an object, got ');
    expect(() => new optim.Adam([leaf()]).loadStateDict(any(state))).toThrow(ContragradError);
  });
  test('nor is one of lists', () => {
    expect(() => layer.loadStateDict(any({ weight: [[1, 2]], bias: [1] }))).toThrow(
      'loadStateDict: weight must be a tensor, got a list of 1',
    );
  });
});

describe('what a leaf is made of', () => {
  test('is a tensor', () => {
    expect(() => new nn.Parameter(any([1]))).toThrow('Parameter: its value must be a tensor, got [1]');
    expect(() => new nn.Buffer(any(null))).toThrow('Buffer: its value must be a tensor, got null');
  });
  test('its name is a string', () => {
    expect(() => new nn.Buffer(tensor(1), any(5))).toThrow('Buffer: key must be a string, got 5');
    expect(new nn.Buffer(tensor(1), null).key).toBeNull();
  });
});

describe('lists of parameters', () => {
  const list = [leaf()];
  test.each([
    ['a list', list],
    ['a Set', new Set(list)],
    ['an iterator', list.values()],
  ])('%s is one', (_, parameters) => {
    expect(new optim.SGD(any(parameters), { lr: 1 }).parameters).toHaveLength(1);
  });
  test.each([
    ['nothing', null],
    ['a string', 'abc'],
    ['an object', {}],
    ['a Map', new Map([[0, list[0]]])],
    ['a typed array', new Float32Array(1)],
    ['a tensor', leaf()],
  ])('%s is none', (_, parameters) => {
    expect(() => new optim.SGD(any(parameters), { lr: 1 })).toThrow('SGD: needs a list of tensors, got ');
  });
  test('holds tensors only', () => {
    expect(() => new optim.SGD(any([leaf(), [1]]), { lr: 1 })).toThrow('SGD: input 1 must be a tensor, got [1]');
  });
});

describe('optimizers and schedules', () => {
  test('two rates of forgetting', () => {
    for (const betas of [null, 0.9, [0.9], [0.9, 0.99, 0.999], { 0: 0.9, 1: 0.99, length: 2 }]) {
      expect(() => new optim.Adam([leaf()], { betas: any(betas) })).toThrow('Adam: betas must be two numbers, got ');
    }
  });
  test('their names are strings', () => {
    class Own extends optim.Optimizer {
      protected override updated(p: cg.Tensor): cg.Tensor {
        return p;
      }
    }
    class Fixed extends optim.Schedule {
      protected override at(_: number, lr: number): number {
        return lr;
      }
    }
    expect(() => new Own(any(5), [leaf()], 1)).toThrow('Optimizer: name must be a string, got 5');
    expect(() => new Fixed(any(5), { lr: 1 }, {})).toThrow('Schedule: name must be a string, got 5');
    expect(new Fixed('Fixed', { lr: 1 }).lr).toBe(1);
  });
  test('a schedule wants an optimizer before its options', () => {
    for (const wrong of [null, undefined, {}, { lr: '1' }, { lr: 0.1, warmUp: 2 }]) {
      expect(() => new optim.ConstantLR(any(wrong))).toThrow('ConstantLR: needs an optimizer, got ');
    }
  });
});

describe('modules', () => {
  const layer = new nn.Linear(2, 1);
  test('take flags, prefixes and devices for what they are', () => {
    expect(() => layer.train(any('no'))).toThrow('Module: training must be a boolean, got "no"');
    expect(() => layer.namedParameters(any(5)).next()).toThrow('Module: prefix must be a string, got 5');
    expect(() => layer.namedBuffers(any(5)).next()).toThrow('Module: prefix must be a string, got 5');
    expect(() => layer.to(any('cpu'))).toThrow('Module: a device must be cpu or what gpu() resolves to, got "cpu"');
  });
  test('without a constructor take nothing', () => {
    const Plain = nn.Tanh as new (...stray: unknown[]) => object;
    expect(() => new Plain()).not.toThrow();
    expect(() => new Plain(undefined)).toThrow('Module: takes no arguments, got undefined');
    expect(() => new Plain(1, 2)).toThrow('Module: takes no arguments, got 1');
  });
});

describe('metrics', () => {
  const points = { points: [1, 0, 0, 1], count: 2 };
  const labelled = { points: [1, 0, 0, 1], labels: [0, 1] };
  test('take points for what they are', () => {
    expect(() => metrics.uniformity(any(null))).toThrow('uniformity: its points must be an object, got null');
    expect(() => metrics.uniformity(any({ points: 'abcd', count: 2 }))).toThrow(
      'uniformity: points must be a list of numbers, got "abcd"',
    );
    expect(() => metrics.uniformity(any({ points: ['1', 0, 0, 1], count: 2 }))).toThrow(
      'uniformity: points must be numbers, got "1" at element 0',
    );
    expect(() => metrics.kMeans(points, any({ k: 1, generator: { integer: () => 0 } }))).toThrow(
      'kMeans: generator must be a Generator, got an object',
    );
  });
  test('take labelled points for what they are', () => {
    expect(() => metrics.knnAccuracy(any(null), labelled)).toThrow(
      'knnAccuracy: references must be an object, got null',
    );
    expect(() => metrics.knnAccuracy({ ...labelled, points: any('abcd') }, labelled)).toThrow(
      'knnAccuracy: points must be a list of numbers',
    );
    expect(() => metrics.knnAccuracy({ ...labelled, labels: any(['a', 'b']) }, labelled)).toThrow(
      'knnAccuracy: labels must be numbers, got "a"',
    );
    expect(() => metrics.knnAccuracy(labelled, { ...labelled, points: any(['1', 0, 0, 1]) })).toThrow(
      'knnAccuracy: points must be numbers, got "1"',
    );
  });
  test('take scores, labels and thresholds for what they are', () => {
    expect(() => metrics.rocAuc([1, 0], any('10'))).toThrow('rocAuc: labels must be a list of numbers, got "10"');
    expect(() => metrics.errorRates([1, 0], [1, 0], any('1'))).toThrow(
      'errorRates: threshold must be a number, got "1"',
    );
    expect(() => metrics.errorRates([1, 0], [1, 0], Number.NaN)).toThrow(
      'errorRates: threshold must be a number, got NaN',
    );
  });
});
