/** @file Figures of runs as lines. */
import { expect, test } from 'vitest';
import { figureLines, meanAndDeviation, summaryOf, written } from '../../src/cli/printing.js';

test('mean and deviation divide by one less; a single run has no deviation', () => {
  expect(meanAndDeviation([1, 2, 3, 6])).toEqual({ mean: 3, sd: Math.sqrt(14 / 3) });
  expect(meanAndDeviation([0.5])).toEqual({ mean: 0.5, sd: null });
});

test('a figure is a fraction or a share, and a dash where the rows cannot give it', () => {
  expect([written(0.98765, 'fraction'), written(0.0385, 'percent'), written(null, 'fraction')]).toEqual([
    '0.9877',
    '3.85 %',
    '-',
  ]);
});

test('a run has a line for each figure; what one run cannot give is left out of the mean', () => {
  const figures = (knn: number, auc: number | null) => ({ knn, auc, eer: 0.1, note: '' });
  const raw = figures(0.7, 0.5);
  const one = [{ seed: 0, figures: figures(0.9, null) }];
  const lines = figureLines(summaryOf(one, raw, 80), one);
  expect(lines[1]).toBe('3-NN accuracy       0.9000  (raw features 0.7000) on 80 test rows');
  expect(lines[2]).toBe('ROC-AUC             -  (raw features 0.5000) on pairs of test rows');
  expect(lines[3]).toBe('equal error rate    10.00 %  (raw features 10.00 %) on pairs of test rows');
  const two = [...one, { seed: 1, figures: figures(0.8, 0.6) }];
  const [knn, auc] = summaryOf(two, raw, 80);
  expect(knn).toMatchObject({ values: [0.9, 0.8], raw: 0.7 });
  expect(knn!.mean).toBeCloseTo(0.85, 12);
  expect(auc).toMatchObject({ values: [null, 0.6], mean: 0.6, sd: null });
  expect(figureLines(summaryOf(two, raw, 80), two).join('\n')).toContain('0.8500');
});
