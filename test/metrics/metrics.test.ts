/** @file Retrieval, spread and cluster metrics: against loops, and at values known by hand. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Generator, metrics, randn } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

const points = (rows: number[][], labels: number[]) => ({ points: rows.flat(), labels });

describe('retrieval', () => {
  // Neighbours of 0: 1 (same), 2 (other), 3 (same), 4 (other).
  const line = points([[0], [1], [2.1], [3.3], [4.6]], [0, 0, 1, 0, 1]);
  const first = { references: points([[1], [2], [3], [4]], [0, 1, 0, 1]), queries: points([[0]], [0]) };

  test('by hand: relevance yes, no, yes, no', () => {
    expect(metrics.precisionAtOne(first)).toBe(1);
    expect(metrics.rPrecision(first)).toBe(1 / 2);
    expect(metrics.meanAveragePrecisionAtR(first)).toBe(1 / 2);
    expect(metrics.meanReciprocalRank(first)).toBe(1);
    const other = { ...first, queries: points([[0]], [1]) };
    expect(metrics.precisionAtOne(other)).toBe(0);
    expect([1, 2].map((k) => metrics.recallAtK(other, { k }))).toEqual([0, 1]);
    expect(metrics.rPrecision(other)).toBe(1 / 2);
    expect(metrics.meanAveragePrecisionAtR(other)).toBe(1 / 4);
    expect(metrics.meanReciprocalRank(other)).toBe(1 / 2);
  });

  test('a point does not find itself; queries without a partner are left out', () => {
    expect(metrics.precisionAtOne({ references: line })).toBeLessThan(1);
    expect(metrics.precisionAtOne({ references: points([[0], [1], [9]], [0, 0, 1]) })).toBe(1);
    expect(() => metrics.precisionAtOne({ references: points([[0], [1]], [0, 1]) })).toThrow(
      'precisionAtOne: no query has a reference of its class',
    );
    expect(() => metrics.recallAtK({ references: line }, { k: 0 })).toThrow(
      'recallAtK: k must be a whole number, 1 or more, got 0',
    );
  });

  test('against loops over explicit ranks', () => {
    const batch = fc
      .integer({ min: 3, max: 12 })
      .chain((n) =>
        fc.tuple(
          fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })), {
            minLength: n,
            maxLength: n,
          }),
          fc.array(fc.integer({ min: 0, max: 3 }), { minLength: n, maxLength: n }),
        ),
      )
      .filter(([, labels]) => new Set(labels).size < labels.length);
    assertProperty(
      fc.property(batch, ([rows, labels]) => {
        const scores = {
          p1: [] as number[],
          r: [] as number[],
          map: [] as number[],
          mrr: [] as number[],
          r2: [] as number[],
        };
        rows.forEach((row, q) => {
          const order = [...rows.keys()]
            .filter((i) => i !== q)
            .sort((i, j) => {
              const d = (k: number): number => (rows[k]![0] - row[0]) ** 2 + (rows[k]![1] - row[1]) ** 2;
              return d(i) - d(j);
            });
          const ranks = order.flatMap((i, rank) => (labels[i] === labels[q] ? [rank + 1] : []));
          const R = ranks.length;
          if (R === 0) return;
          scores.p1.push(ranks[0] === 1 ? 1 : 0);
          scores.r2.push(ranks[0]! <= 2 ? 1 : 0);
          scores.mrr.push(1 / ranks[0]!);
          scores.r.push(ranks.filter((rank) => rank <= R).length / R);
          scores.map.push(ranks.reduce((sum, rank, i) => sum + (rank <= R ? (i + 1) / rank : 0), 0) / R);
        });
        const mean = (list: number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;
        const references = points(rows as unknown as number[][], labels);
        expect(metrics.precisionAtOne({ references })).toBeCloseTo(mean(scores.p1), 12);
        expect(metrics.recallAtK({ references }, { k: 2 })).toBeCloseTo(mean(scores.r2), 12);
        expect(metrics.rPrecision({ references })).toBeCloseTo(mean(scores.r), 12);
        expect(metrics.meanAveragePrecisionAtR({ references })).toBeCloseTo(mean(scores.map), 12);
        expect(metrics.meanReciprocalRank({ references })).toBeCloseTo(mean(scores.mrr), 12);
      }),
      500,
    );
  });
});

describe('the ROC curve', () => {
  test('by hand: two of a kind tie', () => {
    const { thresholds, falseAccepts, trueAccepts } = metrics.rocCurve([1, 4, 3, 3], [0, 1, 1, 0]);
    expect([...thresholds]).toEqual([Number.POSITIVE_INFINITY, 4, 3, 1]);
    expect([...falseAccepts]).toEqual([0, 0, 0.5, 1]);
    expect([...trueAccepts]).toEqual([0, 0.5, 1, 1]);
    expect(() => metrics.rocCurve([1, 2], [1, 1])).toThrow('rocCurve: needs pairs of both kinds, got 2 same ones of 2');
  });

  test('rises from nothing to all, counts what its thresholds accept, and has the area of rocAuc under it', () => {
    const pairs = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 1)), { minLength: 2, maxLength: 40 })
      .filter((list) => new Set(list.map(([, same]) => same)).size === 2);
    assertProperty(
      fc.property(pairs, (list) => {
        const [scores, same] = [list.map(([score]) => score), list.map(([, kind]) => kind)];
        const { thresholds, falseAccepts, trueAccepts } = metrics.rocCurve(scores, same);
        expect(thresholds).toHaveLength(new Set(scores).size + 1);
        const share = (kind: number, threshold: number): number =>
          list.filter(([score, own]) => own === kind && score >= threshold).length /
          same.filter((k) => k === kind).length;
        let area = 0;
        thresholds.forEach((threshold, i) => {
          expect(falseAccepts[i]).toBe(share(0, threshold));
          expect(trueAccepts[i]).toBe(share(1, threshold));
          if (i > 0) area += ((falseAccepts[i]! - falseAccepts[i - 1]!) * (trueAccepts[i]! + trueAccepts[i - 1]!)) / 2;
        });
        expect(area).toBeCloseTo(metrics.rocAuc(scores, same), 12);
      }),
      500,
    );
  });
});

describe('spread', () => {
  const z = (rows: number[][]) => ({ points: rows.flat(), count: rows.length });
  const axes = z([
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 5],
  ]);

  test('alignment is 0 for partners, 2 for orthogonal ones, 4 for opposite ones, whatever their length', () => {
    expect(metrics.alignment(axes, axes)).toBe(0);
    expect(metrics.alignment(z([[1, 0]]), z([[0, 3]]))).toBeCloseTo(2, 14);
    expect(metrics.alignment(z([[1, 0]]), z([[-3, 0]]))).toBeCloseTo(4, 14);
    expect(metrics.alignment(z([[1, 0]]), z([[-3, 0]]), { alpha: 1 })).toBeCloseTo(2, 14);
    expect(() => metrics.alignment(axes, z([[1, 0, 0]]))).toThrow('alignment: needs partners, got 3 and 1 rows');
  });

  test('uniformity is 0 at collapse, -4 for orthogonal points', () => {
    expect(
      metrics.uniformity(
        z([
          [1, 2],
          [2, 4],
          [3, 6],
        ]),
      ),
    ).toBeCloseTo(0, 14);
    expect(metrics.uniformity(axes)).toBeCloseTo(-4, 14);
    expect(() => metrics.uniformity(z([[1, 0]]))).toThrow('uniformity: needs at least 2 points, got 1');
  });

  test('the deviation of features is 0 at collapse, about 1/√D where they are spread', () => {
    expect(
      metrics.featureDeviation(
        z([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toBeCloseTo(0, 14);
    const spread = randn([4000, 16], { dtype: 'float64', generator: new Generator(1) });
    expect(metrics.featureDeviation({ points: spread.dataSync(), count: 4000 })).toBeCloseTo(0.25, 2);
  });

  test('the effective rank counts the dimensions in use', () => {
    expect(
      metrics.effectiveRank(
        z([
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ]),
      ),
    ).toBeCloseTo(3, 12);
    expect(
      metrics.effectiveRank(
        z([
          [1, 2, 3],
          [2, 4, 6],
          [-1, -2, -3],
        ]),
      ),
    ).toBeCloseTo(1, 6);
    // Singular values 3 and 1, turned by 30 degrees.
    const [c, s] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
    const wanted = Math.exp(-(0.75 * Math.log(0.75) + 0.25 * Math.log(0.25)));
    expect(
      metrics.effectiveRank(
        z([
          [3 * c, -3 * s],
          [s, c],
        ]),
      ),
    ).toBeCloseTo(wanted, 12);
    expect(() => metrics.effectiveRank(z([[0, 0]]))).toThrow('effectiveRank: all points are 0');
  });
});

describe('clusters', () => {
  test('normalised mutual information is 1 up to names, 0 when independent, and as by hand between', () => {
    expect(metrics.normalizedMutualInformation([0, 0, 1, 1], [5, 5, 2, 2])).toBeCloseTo(1, 14);
    expect(metrics.normalizedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1])).toBeCloseTo(0, 14);
    expect(metrics.normalizedMutualInformation([1, 1], [2, 2])).toBe(1);
    // Joint counts 2, 1, 0, 1 of 4: I = H(A) + H(B) - H(A, B).
    const h = (...p: number[]): number => -p.reduce((sum, v) => sum + v * Math.log(v), 0);
    const [a, b, joint] = [h(0.75, 0.25), h(0.5, 0.5), h(0.5, 0.25, 0.25)];
    expect(metrics.normalizedMutualInformation([0, 0, 0, 1], [0, 0, 1, 1])).toBeCloseTo(
      (2 * (a + b - joint)) / (a + b),
      14,
    );
    expect(() => metrics.normalizedMutualInformation([1], [1, 2])).toThrow('lengths differ: 1 and 2');
  });

  test('k-means finds clusters that are apart', () => {
    const generator = new Generator(2);
    const labels = Array.from({ length: 60 }, (_, i) => i % 3);
    const rows = labels.map((label) => [10 * label + generator.normal(), generator.normal()]);
    const clusters = metrics.kMeans({ points: rows.flat(), count: 60 }, { k: 3, generator });
    expect(metrics.normalizedMutualInformation(clusters, labels)).toBeCloseTo(1, 14);
    expect(() => metrics.kMeans({ points: [1], count: 1 }, { k: 2, generator })).toThrow(
      'kMeans: k must be a whole number from 1 to 1, got 2',
    );
  });
});

test('the calibrated threshold tells most pairs right', () => {
  expect(metrics.calibrateThreshold([4, 3, 2, 1], [1, 1, 0, 0])).toEqual({ threshold: 3, accuracy: 1 });
  expect(metrics.calibrateThreshold([1, 2, 3, 4], [1, 0, 0, 0]).accuracy).toBe(0.75);
  const pairs = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 30 })
    .filter((list) => new Set(list.map(([, same]) => same)).size === 2);
  assertProperty(
    fc.property(pairs, (list) => {
      const { threshold, accuracy } = metrics.calibrateThreshold(
        list.map(([score]) => score),
        list.map(([, same]) => same),
      );
      const right = (from: number): number =>
        list.filter(([score, same]) => (score >= from ? 1 : 0) === same).length / list.length;
      expect(right(threshold)).toBeCloseTo(accuracy, 14);
      expect(accuracy).toBeCloseTo(Math.max(...[...Array(11).keys()].map(right)), 14);
    }),
    500,
  );
});

test('the rates of error at a threshold are those of counting, and those of the ROC curve', () => {
  const pairs = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 1 })), { minLength: 2, maxLength: 30 })
    .filter((list) => new Set(list.map(([, same]) => same)).size === 2);
  assertProperty(
    fc.property(pairs, fc.integer({ min: -1, max: 10 }), (list, threshold) => {
      const [scores, same] = [list.map(([score]) => score), list.map(([, kind]) => kind)];
      const share = (kind: number, wrong: (score: number) => boolean): number => {
        const own = list.filter(([, label]) => label === kind);
        return own.filter(([score]) => wrong(score)).length / own.length;
      };
      const rates = metrics.errorRates(scores, same, threshold);
      expect(rates.falseAccepts).toBeCloseTo(
        share(0, (score) => score >= threshold),
        14,
      );
      expect(rates.falseRejects).toBeCloseTo(
        share(1, (score) => score < threshold),
        14,
      );
      const curve = metrics.rocCurve(scores, same);
      curve.thresholds.forEach((at, i) => {
        const { falseAccepts, falseRejects } = metrics.errorRates(scores, same, at);
        expect(falseAccepts).toBeCloseTo(curve.falseAccepts[i]!, 14);
        expect(falseRejects).toBeCloseTo(1 - curve.trueAccepts[i]!, 14);
      });
    }),
    500,
  );
  expect(() => metrics.errorRates([1, 2], [0, 1], Number.NaN)).toThrow('threshold must be a number, got NaN');
  expect(() => metrics.errorRates([1, 2], [1, 1], 1)).toThrow('needs pairs of both kinds');
});
