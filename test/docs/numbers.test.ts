/** @file Numbers as the figures write them. */
import { expect, test } from 'vitest';
import {
  digits,
  enough,
  fixed,
  numberOf,
  powerOfTen,
  significant,
} from '../../docs/.vitepress/theme/figures/numbers.js';

test('numbers are written with a real minus, and read back', () => {
  expect([fixed(-0.0001, 2), fixed(-1.5, 1), digits(-1.26e-7, 2), digits(0), powerOfTen(-12)]).toEqual([
    '0.00',
    '−1.5',
    '−1.3×10⁻⁷',
    '0',
    '10⁻¹²',
  ]);
  for (const value of [-2.5, 0, 1e-9, -3.25e7, 0.125]) {
    expect(numberOf(digits(value, 6))).toBe(value);
    expect(numberOf(significant(value, 6))).toBe(value);
  }
});

test('a column has as many digits in each row, a text no zeros at the end, and large numbers none too many', () => {
  const values = [0.4, 4e-4, -0.01, 1200, 99.96];
  expect(values.map((value) => significant(value, 3))).toEqual(['0.400', '4.00×10⁻⁴', '−0.0100', '1200', '100']);
  expect(values.map((value) => digits(value, 3))).toEqual(['0.4', '4×10⁻⁴', '−0.01', '1200', '100']);
  expect([enough(3, (count) => count > 5), enough(3, () => true), enough(3, () => false)]).toEqual([6, 3, 15]);
});
