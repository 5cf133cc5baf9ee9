/** @file Comparisons by the CPU's plain loops, which float64 goes through. */
import { expect, test } from 'vitest';
import { tensor } from '../../src/index.js';

test('plain loops compare with a number that is repeated, and one that is NaN', () => {
  const rows = [
    [1, 2, Number.NaN],
    [3, 2, 1],
  ];
  const [x, y] = [tensor(rows, { dtype: 'float64' }), tensor([[2], [3]], { dtype: 'float64' })];
  const wanted: Record<string, number[]> = {
    greater: [0, 0, 0, 0, 0, 0],
    greaterEqual: [0, 1, 0, 1, 0, 0],
    less: [1, 0, 0, 0, 1, 1],
    lessEqual: [1, 1, 0, 1, 1, 1],
    equal: [0, 1, 0, 1, 0, 0],
    notEqual: [1, 0, 1, 0, 1, 1],
  };
  for (const [name, values] of Object.entries(wanted) as ['equal', number[]][]) {
    expect([...x[name](y).dataSync()], name).toEqual(values);
  }
});
