/** @file What a diagnosis says of many situations is what a good teacher would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diagnose, type Finding } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { Generator, type Tensor } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';
import { classes, float64 } from './batches.js';
import { blindSituations } from './blind-situations.js';
import { distanceSituations } from './distance-situations.js';
import { laterSituations } from './later-situations.js';
import { scoreSituations } from './score-situations.js';

const situations = [...distanceSituations, ...scoreSituations];

describe('a diagnosis', () => {
  test('is tried on enough situations, each under a name of its own', () => {
    expect(new Set(situations.map(({ name }) => name)).size).toBe(situations.length);
    expect(situations.length).toBeGreaterThanOrEqual(40);
  });

  test.each(
    [...situations, ...blindSituations, ...laterSituations].map((situation) => [situation.name, situation] as const),
  )('%s', (_, { make, verdict, says, never = [] }) => {
    const { findings, verdict: text } = make();
    expect([findings[0]?.kind ?? 'well', text]).toEqual([verdict, expect.stringMatching(says)]);
    for (const { kind, message } of findings) {
      expect(never).not.toContain(kind);
      // Every finding names a figure.
      expect(message).toMatch(/\d|NaN|Infinity/);
    }
  });
});

/** What each of the losses finds in rows and their classes; for two views, in the halves of the rows. */
function foundIn(z: Tensor, labels: number[], [a, b]: [Tensor, Tensor]): Finding['kind'][] {
  return [
    diagnose(cg.batchContrastiveLoss, [z, labels]),
    diagnose(cg.batchTripletLoss, [z, labels], { squared: false }),
    diagnose(cg.supConLoss, [z, labels], { temperature: 0.3 }),
    diagnose(cg.infoNCELoss, [a, b], { temperature: 0.3 }),
    diagnose(cg.ntXentLoss, [a, b]),
  ].flatMap(({ findings }) => findings.map(({ kind }) => kind));
}

test('nothing is said of labels, views or a collapse where points are random, wherever they lie', () => {
  assertProperty(
    fc.property(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 2, max: 16 }),
      fc.constantFrom(0, 0, 3),
      fc.nat(),
      (of, each, d, away, seed) => {
        const generator = new Generator(seed);
        const draw = (n: number): Tensor => cg.randn([n, d], { ...float64, generator }).add(away);
        const labels = classes(of, each);
        const kinds = foundIn(draw(of * each), labels, [draw(of * 2), draw(of * 2)]);
        for (const kind of ['labels', 'identicalViews', 'collapse', 'noPositives', 'noNegatives', 'hot'] as const) {
          expect(kinds).not.toContain(kind);
        }
      },
    ),
    200,
  );
});

test('what a loss of distances is told of does not change with the place of the points, nor with their unit', () => {
  assertProperty(
    fc.property(fc.nat(), fc.constantFrom(-300, 7, 1e4), fc.constantFrom(0.01, 1, 100), (seed, away, unit) => {
      const generator = new Generator(seed);
      const z = cg.randn([12, 6], { ...float64, generator });
      const labels = classes(4, 3);
      const of = (rows: Tensor, margin: number): unknown[] => {
        const { findings, spread, effectiveRank, collapseValue } = diagnose(cg.batchContrastiveLoss, [rows, labels], {
          margin,
          squareTerms: false,
          half: false,
        });
        const rounded = [spread, effectiveRank!, collapseValue / margin].map((v) => v.toFixed(4));
        return [...findings.map(({ kind }) => kind).filter((kind) => kind !== 'explodingGradient'), ...rounded];
      };
      expect(of(z.mul(unit).add(away), unit)).toEqual(of(z, 1));
    }),
    50,
  );
});
