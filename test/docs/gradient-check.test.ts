/** @file The lesson of checking a gradient keeps its word. */
import { describe, expect, test } from 'vitest';
import { fixed } from '../../docs/.vitepress/theme/figures/numbers.js';
import { bestOf, derivative, differenceAt, errorsOf } from '../../docs/.vitepress/theme/figures/step-size.js';
import { check, inShort, type RuleName, rules } from '../../docs/.vitepress/theme/figures/wrong-rules.js';

const ruleNames = Object.keys(rules) as RuleName[];

describe('checking a gradient', () => {
  test.each(ruleNames)('%s: the mistake is caught at the element that it names, and the right rule passes', (name) => {
    const wrong = check(name, true);
    expect(wrong.passed).toBe(false);
    const named = wrong.comparisons.find(
      ({ input, row, column }) =>
        input === wrong.named!.input && row === wrong.named!.row && column === wrong.named!.column,
    )!;
    expect(named).toBe(wrong.comparisons.find(({ agrees }) => !agrees));
    // The table's numbers are those of the message, to the last digit.
    expect(wrong.message).toContain(`the gradient is ${named.analytic}, the finite difference ${named.difference} `);
    const right = check(name, false);
    expect(right.passed).toBe(true);
    expect(right.comparisons.every(({ agrees }) => agrees)).toBe(true);
    expect(right.message).toContain(` ${right.comparisons.length + 3 * rules[name].inputs.length} derivatives agree`);
  });

  test('the values of a wrong rule are right', () => {
    for (const name of ruleNames) {
      const differences = (planted: boolean) => check(name, planted).comparisons.map(({ difference }) => difference);
      expect(differences(true)).toEqual(differences(false));
    }
  });

  test('tanh at 0 and the product where a = b hide the mistake; of the bias only the second input is named', () => {
    expect(check('tanh', true).comparisons[0]!.agrees).toBe(true);
    const product = check('product', true).comparisons.filter(({ column }) => column === 0);
    expect(product.map(({ agrees }) => agrees)).toEqual([true, true]);
    expect(check('bias', true).named!.input).toBe(1);
    expect(
      check('bias', true)
        .comparisons.filter(({ input }) => input === 0)
        .every(({ agrees }) => agrees),
    ).toBe(true);
  });

  test('both errors are V-shaped, with their bottoms where the text says', () => {
    const at = (dtype: 'float32' | 'float64') => errorsOf('exp', 0.7, dtype, 'central');
    const [single, double] = [bestOf(at('float32')), bestOf(at('float64'))];
    expect(double.step).toBeGreaterThan(1e-6);
    expect(double.step).toBeLessThan(1e-4);
    expect(double.error).toBeLessThan(1e-10);
    expect(single.step).toBeGreaterThanOrEqual(1e-3);
    expect(single.step).toBeLessThanOrEqual(1e-2);
    expect(single.error).toBeLessThan(1e-5);
    for (const [errors, best] of [
      [at('float32'), single],
      [at('float64'), double],
    ] as const) {
      expect(errors[0]!.error).toBeGreaterThan(1e4 * best.error);
      expect(errors.at(-1)!.error).toBeGreaterThan(1e4 * best.error);
    }
    const here = differenceAt('exp', 0.7, 1e-5, 'float32', 'central');
    expect(fixed(here.quotient, 6).slice(0, 3)).toBe(fixed(derivative('exp', 0.7), 6).slice(0, 3));
    expect(fixed(here.quotient, 6).slice(0, 4)).not.toBe(fixed(derivative('exp', 0.7), 6).slice(0, 4));
  });

  test('the error is the plain difference; where float32 tells no two places apart, it is the whole derivative', () => {
    const exact = derivative('exp', 0.7);
    for (const dtype of ['float32', 'float64'] as const) {
      for (const { quotient, error } of errorsOf('exp', 0.7, dtype, 'central')) {
        expect(error).toBe(Math.abs(quotient - exact));
      }
    }
    for (const { step, quotient, error } of errorsOf('exp', 0.7, 'float32', 'central')) {
      expect(quotient === 0, `${step}`).toBe(step < 5e-8);
      if (quotient === 0) expect(error).toBe(exact);
    }
  });

  test('what comes in as ȳ is shown: at 0 the slope of tanh is 1, so its gradient is that weight', () => {
    const { comparisons, weights } = check('tanh', true);
    expect(comparisons[0]!.analytic).toBe(weights[0]![0]);
    expect(check('bias', false).weights.map((row) => row.length)).toEqual([3, 3]);
  });

  test('a message in short has the digits of the table', () => {
    const { message, comparisons, named } = check('tanh', true);
    const { analytic, difference } = comparisons[named!.column]!;
    expect(inShort(message)).toContain(
      `the gradient is ${fixed(analytic, 4)}, the finite difference ${fixed(difference, 4)} `,
    );
    expect(inShort(message)).toMatch(/\(tolerance 0\.000001 × \d\.\d{4}\)/);
  });

  test('to one side the error grows with h, to both with h²', () => {
    const growth = (kind: 'central' | 'oneSided'): number =>
      differenceAt('exp', 0.7, 1e-2, 'float64', kind).error / differenceAt('exp', 0.7, 1e-3, 'float64', kind).error;
    expect(growth('oneSided')).toBeCloseTo(10, 0);
    expect(Math.abs(growth('central') - 100)).toBeLessThan(1);
    const best = (kind: 'central' | 'oneSided') => bestOf(errorsOf('exp', 0.7, 'float64', kind)).error;
    expect(best('oneSided')).toBeGreaterThan(10 * best('central'));
  });
});
