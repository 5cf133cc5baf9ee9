/** @file Measuring what is NaN is an error, whatever the metric. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, Generator, metrics } from '../../src/index.js';

type Numbers = readonly number[];
const classes = [0, 0, 1, 1];
const same = [1, 1, 0, 0];
const points = (list: Numbers): metrics.LabelledPoints => ({ points: list, labels: classes });
const rows = (list: Numbers): metrics.Points => ({ points: list, count: 4 });
const good: Numbers = [0.5, 1, 0.25, 1, -1, 0.5, -1, 0];

/** Every metric of points: as what it measures, each of its arguments in turn. */
const ofPoints: Record<string, ((list: Numbers) => unknown)[]> = {
  alignment: [(x) => metrics.alignment(rows(x), rows(good)), (x) => metrics.alignment(rows(good), rows(x))],
  effectiveRank: [(x) => metrics.effectiveRank(rows(x))],
  featureDeviation: [(x) => metrics.featureDeviation(rows(x))],
  kMeans: [(x) => metrics.kMeans(rows(x), { k: 2, generator: new Generator(0) })],
  knnAccuracy: [
    (x) => metrics.knnAccuracy(points(x), points(good)),
    (x) => metrics.knnAccuracy(points(good), points(x)),
  ],
  meanAveragePrecisionAtR: [(x) => metrics.meanAveragePrecisionAtR({ references: points(x) })],
  meanReciprocalRank: [(x) => metrics.meanReciprocalRank({ references: points(x) })],
  precisionAtOne: [
    (x) => metrics.precisionAtOne({ references: points(x) }),
    (x) => metrics.precisionAtOne({ references: points(good), queries: points(x) }),
  ],
  rPrecision: [(x) => metrics.rPrecision({ references: points(x) })],
  recallAtK: [(x) => metrics.recallAtK({ references: points(x) }, { k: 1 })],
  uniformity: [(x) => metrics.uniformity(rows(x))],
};

/** Every metric of scores, where infinities have their order. */
const ofScores: Record<string, (list: Numbers) => unknown> = {
  calibrateThreshold: (x) => metrics.calibrateThreshold(x, same),
  equalErrorRate: (x) => metrics.equalErrorRate(x, same),
  errorRates: (x) => metrics.errorRates(x, same, 0),
  rocAuc: (x) => metrics.rocAuc(x, same),
  rocCurve: (x) => metrics.rocCurve(x, same),
};

/** Every metric of labels. */
const ofLabels: Record<string, ((list: Numbers) => unknown)[]> = {
  knnAccuracy: [(x) => metrics.knnAccuracy({ points: good, labels: x }, points(good))],
  normalizedMutualInformation: [
    (x) => metrics.normalizedMutualInformation(x, classes),
    (x) => metrics.normalizedMutualInformation(classes, x),
  ],
  rPrecision: [(x) => metrics.rPrecision({ references: { points: good, labels: x } })],
};

test('every metric is asked', () => {
  const asked = new Set([ofPoints, ofScores, ofLabels].flatMap(Object.keys));
  expect([...asked].sort()).toEqual(Object.keys(metrics).sort());
});

const planted = (list: Numbers, special: number, place: number): number[] =>
  list.map((v, i) => (i === place ? special : v));

describe.each(Object.entries(ofPoints))('%s of points', (name, calls) => {
  test('is a number', () => {
    for (const call of calls) expect(() => call(good)).not.toThrow();
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e200])(
    'that are %s is refused',
    (special) => {
      for (const call of calls) {
        for (const place of good.keys()) {
          const measure = (): unknown => call(planted(good, special, place));
          expect(measure).toThrow(ArgumentError);
          expect(measure).toThrow(`${name}: `);
          expect(measure).toThrow(`must be finite numbers, 1e+150 at most, got ${special} in row ${place >> 1}`);
        }
      }
    },
  );
});

test.each(Object.entries(ofScores))('%s of scores that are NaN is refused', (name, call) => {
  const scores = [-1, -2, -3, -4];
  expect(() => call(scores)).not.toThrow();
  for (const place of scores.keys()) {
    expect(() => call(planted(scores, Number.NaN, place))).toThrow(
      `${name}: scores must be numbers, got NaN at pair ${place}`,
    );
  }
  expect(() => call(planted(scores, Number.NEGATIVE_INFINITY, 3))).not.toThrow();
});

test.each(Object.entries(ofLabels))('%s of labels that are NaN is refused', (name, calls) => {
  for (const call of calls) {
    expect(() => call(classes)).not.toThrow();
    expect(() => call(planted(classes, Number.NaN, 2))).toThrow(`${name}: labels must be numbers, got NaN at row 2`);
  }
});
