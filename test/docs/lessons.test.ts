/** @file The lessons keep their word: what their texts say of the figures holds, by the figures' own models. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type SettingName, trainerOf } from '../../docs/.vitepress/theme/figures/collapse.js';
import {
  correlationAt,
  curveOf,
  ESTIMATORS,
  estimateAt,
  trueNats,
} from '../../docs/.vitepress/theme/figures/estimators.js';
import { isOn, type Matrices, matricesOf, originOf } from '../../docs/.vitepress/theme/figures/matrix-product.js';
import {
  type ChainName,
  type ChainNode,
  chains,
  FURTHEST,
  START as NUDGE,
  NUDGES,
  NUDGES_A_DECADE,
  nudgeAt,
  nudged,
  sumsOf,
} from '../../docs/.vitepress/theme/figures/nudge.js';
import { numberOf, significant } from '../../docs/.vitepress/theme/figures/numbers.js';
import { EXTENT, type Projection, projection, START, stepped } from '../../docs/.vitepress/theme/figures/tangent.js';
import type { Point } from '../../docs/.vitepress/theme/parts/point.js';

const chainNames = Object.keys(chains) as ChainName[];

describe('a number and its gradient', () => {
  /** By hand, with Math's own functions. */
  const slopes: Readonly<Record<ChainName, (x: number) => number>> = {
    bell: (x) => -2 * x * Math.exp(-x * x),
    squashedSquare: (x) => 2 * x * (1 - Math.tanh(x * x) ** 2),
    squaredTanh: (x) => 4 * Math.tanh(2 * x) * (1 - Math.tanh(2 * x) ** 2),
  };

  test.each(chainNames)(
    '%s: the gradient is the product of the slopes, each box of the one below, and known',
    (name) => {
      for (const x of [-1.3, 0.4, 0.8, 2]) {
        const nodes = nudged(name, x, 0.1);
        expect(nodes.at(-1)!.gradient).toBe(1);
        nodes.slice(0, -1).forEach(({ gradient }, i) => {
          expect(gradient).toBeCloseTo(nodes[i + 1]!.gradient * nodes[i + 1]!.local, 12);
        });
        expect(nodes[0]!.gradient).toBeCloseTo(slopes[name](x), 12);
      }
    },
  );

  test('each three nudges are one ten times smaller, and the first step from the start leaves a tenth of the difference', () => {
    expect([0, 1, 2, 3, 4, NUDGES - 1].map(nudgeAt)).toEqual([1, 0.5, 0.2, 0.1, 0.05, 1e-5]);
    const apart = (place: number): number => {
      const [{ quotient, gradient }] = nudged(NUDGE.name, NUDGE.x, nudgeAt(place)) as [ChainNode, ...ChainNode[]];
      return Math.abs(quotient - gradient);
    };
    expect(nudgeAt(NUDGE.place)).toBe(0.5);
    for (let place: number = NUDGE.place; place + NUDGES_A_DECADE < NUDGES; place++) {
      const smaller = apart(place) / apart(place + NUDGES_A_DECADE);
      expect(smaller).toBeGreaterThan(9);
      expect(smaller).toBeLessThan(11);
    }
  });

  test.each(chainNames)('%s: whoever reckons with the numbers of the sums gets their results', (name) => {
    /** How many digits a number shows. */
    const countOf = (text: string): number => text.replace(/×.*|[−.]/g, '').replace(/^0+/, '').length;
    const same = (value: number, text: string): void => {
      if (text === '0') expect(value).toBe(0);
      else expect(significant(value, countOf(text))).toBe(text);
    };
    for (let place = 0; place < NUDGES; place++) {
      for (let x = -FURTHEST; x <= FURTHEST; x += 0.08) {
        const { slopes, gradient, rise, nudge, quotient, apart } = sumsOf(
          nudged(name, x, nudgeAt(place)),
          nudgeAt(place),
        );
        same(
          slopes.map(numberOf).reduce((a, b) => a * b),
          gradient,
        );
        same(numberOf(rise) / numberOf(nudge), quotient);
        same(Math.abs(numberOf(gradient) - numberOf(quotient)), apart);
        expect(numberOf(nudge)).toBe(nudgeAt(place));
      }
    }
  });

  test('a large nudge can get the sign wrong, a flat step stops the gradient, a saturated one nearly', () => {
    const [x] = nudged('bell', -0.4, 1);
    expect(Math.sign(x!.quotient)).toBe(-Math.sign(x!.gradient));
    for (const name of ['bell', 'squashedSquare'] as const)
      expect(nudged(name, 0, 0.1)[0]!.gradient).toBeCloseTo(0, 15);
    const nodes = nudged('squashedSquare', 2, 0.1);
    expect(nodes.at(-1)!.value).toBeGreaterThan(0.999);
    expect(Math.abs(nodes[0]!.gradient)).toBeLessThan(0.01);
  });
});

describe('a matrix product backward', () => {
  const transposed = (rows: readonly (readonly number[])[]): number[][] =>
    rows[0]!.map((_, c) => rows.map((r) => r[c]!));
  const product = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
    a.map((row) => transposed(b).map((column) => row.reduce((sum, v, k) => sum + v * column[k]!, 0)));

  test('the engine’s gradients are the products of the text, by plain loops', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { X, W, Y, G, dX, dW } = matricesOf(seed);
      expect(Y).toEqual(product(X, transposed(W)));
      expect(dX).toEqual(product(G, W));
      expect(dW).toEqual(product(transposed(G), X));
      expect(G.flat()).toContain(0);
    }
  });

  test('the lines that light up make the entry, over four outputs, three samples, two inputs', () => {
    const matrices: Matrices = matricesOf(2);
    const terms = { Y: 2, dX: 4, dW: 3 };
    for (const matrix of ['Y', 'dX', 'dW'] as const) {
      matrices[matrix].forEach((line, row) => {
        line.forEach((value, column) => {
          const { factors, lines } = originOf(matrices, { matrix, row, column });
          expect(factors).toHaveLength(terms[matrix]);
          expect(factors.reduce((sum, [a, b]) => sum + a * b, 0)).toBe(value);
          for (const each of lines) {
            const lit = matrices[each.matrix].flatMap((r, i) => r.filter((_, j) => isOn(each, i, j)));
            expect(lit).toHaveLength(terms[matrix]);
          }
        });
      });
    }
  });
});

describe('distance and normalisation', () => {
  const t: Point = [...START.target];
  const found = (z: Point, target: Point): Projection => projection(z, target)!;

  test('the target lies on the circle, and z can be pulled to twice its length', () => {
    expect(Math.hypot(...t)).toBeCloseTo(1, 15);
    const [once, twice] = [found([1, 0.9], t), found([2, 1.8], t)];
    expect([...START.z]).toEqual([1, 0.9]);
    expect(twice.tangentAfter * 2).toBeCloseTo(once.tangentAfter, 12);
    expect([...twice.before]).toEqual(once.before.map((v) => expect.closeTo(v, 12)));
  });

  test('after normalisation no radial part is left, and the tangent part is divided by the length', () => {
    for (let i = 0; i < 40; i++) {
      const z: Point = [1.9 * Math.sin(3 * i + 1), 1.9 * Math.cos(2 * i)];
      const { radialAfter, tangentAfter, tangentBefore, length } = found(z, t);
      expect(radialAfter).toBeCloseTo(0, 12);
      expect(tangentAfter).toBeCloseTo(tangentBefore / length, 10);
    }
    expect(Math.abs(found([...START.z], t).radialBefore)).toBeGreaterThan(0.5);
  });

  test('the gradient is that of ½‖ẑ − t‖² by central differences', () => {
    const loss = ([x, y]: Point): number => {
      const length = Math.hypot(x, y);
      return 0.5 * ((x / length - t[0]) ** 2 + (y / length - t[1]) ** 2);
    };
    const { after } = found([0.7, 1.2], t);
    const h = 1e-6;
    expect(after[0]).toBeCloseTo((loss([0.7 + h, 1.2]) - loss([0.7 - h, 1.2])) / (2 * h), 8);
    expect(after[1]).toBeCloseTo((loss([0.7, 1.2 + h]) - loss([0.7, 1.2 - h])) / (2 * h), 8);
  });

  test('twice the length halves the force; opposite the target all is radial, and longest', () => {
    expect(found([2, 1], t).tangentAfter * 2).toBeCloseTo(found([1, 0.5], t).tangentAfter, 12);
    expect(found([2, 1], t).before).toEqual(found([1, 0.5], t).before.map((v) => expect.closeTo(v, 12)));
    const opposite = found([-1, 0.4], t);
    expect(Math.hypot(...opposite.after)).toBeCloseTo(0, 12);
    for (let degrees = 0; degrees < 360; degrees += 5) {
      const angle = (degrees * Math.PI) / 180;
      const elsewhere = found([Math.cos(angle), Math.sin(angle)], t);
      expect(Math.hypot(...elsewhere.before)).toBeLessThanOrEqual(Math.hypot(...opposite.before) + 1e-12);
    }
  });

  test('steps turn z toward the target, and lengthen it, less and less, until the loss is 0', () => {
    let z: Point = [...START.z];
    let grown = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 30; i++) {
      const before = found(z, t);
      z = stepped(z, before);
      const after = found(z, t);
      expect(after.loss).toBeLessThan(before.loss);
      expect(after.length).toBeGreaterThan(before.length);
      expect(after.length - before.length).toBeLessThan(grown);
      grown = after.length - before.length;
    }
    expect(found(z, t).loss).toBeLessThan(5e-4);
  });

  test('a step from near the origin goes far, from nearer off the plane; the origin has no direction', () => {
    const reach = (z: Point): number => Math.max(...stepped(z, found(z, t)).map(Math.abs));
    expect(reach([0.15, 0.1])).toBeGreaterThan(1.5);
    expect(reach([0.15, 0.1])).toBeLessThan(EXTENT);
    expect(reach([0.1, 0.05])).toBeGreaterThan(EXTENT);
    expect(projection([0, 0], t)).toBeUndefined();
  });
});

describe('mutual information', () => {
  test('infoNCE never passes log N, jsd ends at 2 log 2, and dv is no bound', () => {
    for (const n of [16, 64]) {
      const curve = curveOf(n);
      for (const { infoNCE, jsd } of curve) {
        expect(infoNCE).toBeLessThanOrEqual(Math.log(n));
        expect(jsd).toBeLessThanOrEqual(2 * Math.LN2);
      }
      expect(curve.at(-1)!.infoNCE).toBeGreaterThan(0.97 * Math.log(n));
      expect(curve.at(-1)!.jsd).toBeGreaterThan(1.3);
    }
    expect(estimateAt(0.79, 4).dv).toBeGreaterThan(2 * trueNats(0.79));
  });

  test('at correlation 0 all three report 0, and the truth is that of the formula', () => {
    const none = estimateAt(0, 16);
    for (const estimator of ESTIMATORS) expect(none[estimator]).toBeCloseTo(0, 12);
    expect(trueNats(0.7)).toBeCloseTo(-10 * Math.log(1 - 0.49), 12);
    for (const nats of [0, 1, 9.7]) expect(trueNats(correlationAt(nats))).toBeCloseTo(nats, 10);
    expect(Math.exp(10)).toBeGreaterThan(22_000);
    expect(Math.log(64) - 0.05).toBeCloseTo(4.11, 2);
  });

  test('far below the ceiling infoNCE and dv are near the truth', () => {
    const { infoNCE, dv, truth } = estimateAt(0.3, 256);
    expect(Math.abs(infoNCE - truth)).toBeLessThan(0.2);
    expect(Math.abs(dv - truth)).toBeLessThan(0.2);
  });
});

describe('collapse', () => {
  const trained = (name: SettingName, steps: number) => trainerOf(name).train(steps);

  test('without negatives the loss falls to 0 while all rows run into one point, and the diagnosis says so', () => {
    const { losses, diagnosis } = trained('noNegatives', 300);
    expect(losses[0]).toBeGreaterThan(0.1);
    expect(losses.at(-1)).toBeLessThan(1e-4);
    expect(diagnosis.spread).toBeLessThan(0.01);
    expect(diagnosis.effectiveRank).toBeLessThan(1.1);
    expect(diagnosis.findings[0]!.kind).toBe('collapse');
  });

  test('with negatives the loss falls as well, and spread and rank stay', () => {
    const { losses, diagnosis } = trained('healthy', 300);
    expect(losses.at(-1)).toBeLessThan(1e-4);
    expect(diagnosis.spread).toBeGreaterThan(0.8);
    expect(diagnosis.effectiveRank).toBeGreaterThan(1.7);
    expect(diagnosis.findings.map(({ kind }) => kind)).not.toContain('collapse');
  });

  test('inputs that are all but 0 hold the loss at 0.4, the value of one point, from the first step to the last', () => {
    const { losses, diagnosis } = trained('tinyInputs', 300);
    for (const loss of losses) expect(Math.abs(loss - 0.4)).toBeLessThan(0.02 * 0.4);
    expect(diagnosis.collapseValue).toBeCloseTo(0.4, 6);
    const { positives, negatives } = diagnosis.active;
    expect([negatives.total, positives.total + negatives.total]).toEqual([96, 120]);
    expect(diagnosis.spread).toBeLessThan(0.01);
    expect(diagnosis.findings[0]!.kind).toBe('collapse');
    expect(diagnosis.verdict).toContain('tells its inputs apart');
  });

  test('the hardest negatives hold a squared triplet loss at its margin for more than a hundred steps', () => {
    const { losses, diagnosis } = trained('hardSquared', 300);
    expect(losses[0]).toBeGreaterThan(1.5);
    expect(losses.filter((loss) => Math.abs(loss - 1) < 0.02).length).toBeGreaterThan(100);
    expect(losses.at(-1)).toBeLessThan(0.97);
    expect(diagnosis.spread).toBeGreaterThan(0.3);
    expect(trained('hardSquared', 120).diagnosis.findings.map(({ kind }) => kind)).toContain('collapseValue');
  });

  test('log 256 is what the text says', () => expect(Math.log(256)).toBeCloseTo(5.545, 3));
});

test('the sidebar leads from the first lesson to the last', () => {
  const config = readFileSync('docs/.vitepress/config.ts', 'utf8');
  const order = [
    'number',
    'matrix-product',
    'normalisation',
    'contrastive',
    'triplet',
    'infonce',
    'mutual-information',
  ];
  const places = [...order, 'collapse', 'gradient-check'].map((page) =>
    config.indexOf(`link: '/lessons/${page}' },\n`),
  );
  expect(places).not.toContain(-1);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
