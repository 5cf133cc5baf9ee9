/** @file The lab's model: states in addresses, presets, evaluation and formulas, without a page. */
import { describe, expect, test } from 'vitest';
import { evaluate, stepped } from '../../docs/.vitepress/theme/lab/evaluate.js';
import { place } from '../../docs/.vitepress/theme/lab/formula-parts.js';
import { lossFormula, pairFormula } from '../../docs/.vitepress/theme/lab/formulas.js';
import {
  type Control,
  LOSSES,
  losses,
  nameOf,
  type Option,
  presetOptions,
} from '../../docs/.vitepress/theme/lab/losses.js';
import { type PresetName, presets, stateOf } from '../../docs/.vitepress/theme/lab/presets.js';
import { addressOf, type LabState, stateAt } from '../../docs/.vitepress/theme/lab/state.js';
import type { Point } from '../../docs/.vitepress/theme/parts/point.js';
import { plainLosses, totalForce } from '../support/plain-losses.js';

const names = Object.keys(presets) as PresetName[];

function evaluated({ loss, points, options }: LabState) {
  const evaluation = evaluate(loss, points, options[loss]);
  if ('problem' in evaluation) throw new Error(evaluation.problem);
  return evaluation;
}

/** Where the formulas tell no more than the result: drawn triplets, and pairs whose two orders differ. */
const untold = ['triplet mining distanceWeighted', 'triplet eps 0.03'];

/** Every value of a switch or choice; two of a number. */
function valuesOf(control: Control): Option[] {
  if (control.kind === 'switch') return [true, false];
  if (control.kind === 'choice') return Object.keys(control.choices);
  return [control.preset, control.least + 0.3 * (control.most - control.least)];
}

/** The number that TeX of fractions, sums, products and logarithms comes to, with its places filled. */
function compute(tex: string, numbers: Readonly<Record<string, number | string>>): number {
  const text = tex
    .replaceAll(/\{\\htmlData\{place=(\w+)\}\{0\}\}/g, (_, name: string) => `(${numbers[name]})`)
    .replaceAll(/\\hphantom\{L\} =|\\[Bb]ig/g, '')
    .replaceAll('\\frac12', '(1/2)')
    .replaceAll(/\\frac\{([^{}]*)\}\{([^{}]*)\}/g, '(($1)/($2))')
    .replaceAll('\\cdots', '0')
    .replaceAll('\\cdot', '*')
    .replaceAll('\\log', 'Math.log')
    .replaceAll(/\)\s*\(/g, ')*(');
  if (/[\\{}=]/.test(text)) throw new Error(`cannot compute ${text}`);
  return new Function(`return ${text}`)() as number;
}

describe('the state in an address', () => {
  test.each(names)('%s comes back as it was', (name) => {
    const state = stateOf(name);
    const back = stateAt(addressOf(state)) as LabState;
    expect(back).toEqual({
      ...state,
      points: state.points.map((point) => point.map((v) => expect.closeTo(v, 6))),
    });
    expect(addressOf(back)).toBe(addressOf(state));
  });

  test('chosen options come back, and cost no more than they say', () => {
    const state = stateOf('start');
    const chosen = { ...state, options: { ...state.options, triplet: { ...state.options.triplet, mining: 'hard' } } };
    expect((stateAt(addressOf(chosen)) as LabState).options).toEqual(chosen.options);
    expect(atob(addressOf(chosen))).toContain('"options":{"triplet":{"mining":"hard"}}');
  });

  const broken = (change: object): string =>
    btoa(JSON.stringify({ ...JSON.parse(atob(addressOf(stateOf('start')))), ...change }));
  test.each([
    ['%%%', 'it is no JSON in base64url'],
    ['e30', 'points: '],
    [broken({ points: [[0, 0]] }), 'points: Invalid length: Expected >=2 but received 1'],
    [broken({ points: Array(3).fill([0, 0]) }), 'points: needs an even number of points'],
    [broken({ points: Array(66).fill([0, 0]) }), 'points: Invalid length: Expected <=64 but received 66'],
    [
      broken({
        points: [
          [0, 1e9],
          [0, 0],
        ],
      }),
      'points.0.1: Invalid value: Expected <=10',
    ],
    [
      broken({
        points: [
          [0, null],
          [0, 0],
        ],
      }),
      'points.0.1: Invalid type: Expected number but received null',
    ],
    [broken({ loss: 'hinge' }), 'loss: '],
    [broken({ selected: 8 }), 'selects a point that is not there'],
    [broken({ options: { triplet: { margin: -1 } } }), 'options.triplet.margin: Invalid value: Expected >=0.05'],
    [broken({ options: { infoNCE: { margin: 1 } } }), 'options.infoNCE.margin: '],
    [broken({ colour: 'red' }), 'colour: '],
  ])('a bad one is told, %#: %s', (address, problem) => {
    expect((stateAt(address) as { problem: string }).problem).toContain(problem);
  });
});

describe.each(LOSSES)('%s', (loss) => {
  test('forces on a point add up to minus its gradient, for every value of every option', () => {
    for (const control of losses[loss].controls) {
      for (const value of valuesOf(control)) {
        const state = stateOf('start', { loss });
        const options = { ...state.options, [loss]: { ...state.options[loss], [control.key]: value } };
        const { totals, pairs } = evaluated({ ...state, options });
        expect(Math.max(...totals.flat().map(Math.abs)), `${control.key} ${value}`).toBeGreaterThan(1e-3);
        totals.forEach((total, point) => {
          const mine = pairs.filter(({ on }) => on === point);
          total.forEach((v, t) => {
            expect(mine.reduce((sum, { force }) => sum + force[t]!, 0)).toBeCloseTo(v, 9);
          });
        });
      }
    }
  });

  test('the numbers in its formulas compute to its value and its slopes, for every value of every option', () => {
    for (const control of losses[loss].controls) {
      for (const value of valuesOf(control)) {
        const state = stateOf('start', { loss });
        const few = state.points.slice(0, 6);
        const options = { ...state.options[loss], [control.key]: value };
        const evaluation = evaluated({ ...state, points: few, options: { ...state.options, [loss]: options } });
        const { lines, numbers } = lossFormula(evaluation);
        const [told] = lines[1]!.split(` = ${place('value')}`);
        if (told!.includes('place')) expect(compute(told!, numbers)).toBeCloseTo(evaluation.value, 9);
        else expect(untold).toContain(`${loss} ${control.key} ${value}`);
        for (const pair of evaluation.pairs) {
          const { lines, numbers } = pairFormula(evaluation, pair);
          const [, ...steps] = lines[1]!.split(' = ');
          if (steps.length > 1) expect(compute(steps.at(-2)!, numbers)).toBeCloseTo(pair.slope, 9);
          else expect(untold).toContain(`${loss} ${control.key} ${value}`);
        }
      }
    }
  });

  test('presets, but those of coincident points, lie on no kink: forces are central differences', () => {
    for (const name of names.filter((name) => !['collapsed', 'duplicates'].includes(name))) {
      const state = stateOf(name);
      const options = { ...presetOptions(loss) };
      const { totals } = evaluated({ ...state, loss, options: { ...state.options, [loss]: options } });
      totals.forEach((total, point) => {
        const expected = totalForce(plainLosses[loss]!, state.points, point);
        for (const t of [0, 1]) expect(total[t], `${name}, ${nameOf(point)}`).toBeCloseTo(expected[t]!, 6);
      });
    }
  });

  test('small steps go downhill', () => {
    let state = stateOf('start', { loss });
    for (let i = 0; i < 20; i++) {
      const before = evaluated(state);
      state = { ...state, points: stepped(state.points, before, 0.01)! };
      expect(evaluated(state).value).toBeLessThan(before.value);
    }
  });
});

describe('the lessons keep their word', () => {
  test('almost collapsed points part in four steps by plain distances, but not by squared ones', () => {
    const parted = (squared: boolean): number[] => {
      let state = stateOf('huddled', { loss: 'triplet' });
      state = { ...state, options: { ...state.options, triplet: { ...state.options.triplet, squared } } };
      const before = evaluated(state).value;
      for (let i = 0; i < 4; i++) state = { ...state, points: stepped(state.points, evaluated(state), state.rate)! };
      return [before, evaluated(state).value];
    };
    const [[first, last], [plainFirst, plainLast]] = [parted(true), parted(false)] as [
      [number, number],
      [number, number],
    ];
    expect(first).toBeGreaterThan(0.95);
    expect(first - last).toBeLessThan(0.06);
    expect(plainLast / plainFirst).toBeLessThan(0.55);
  });

  test('a low temperature leaves one push on 1a, a high one all', () => {
    const pushes = (temperature: number): number[] => {
      const { points, options } = stateOf('temperature');
      const evaluation = evaluate('infoNCE', points, { ...options.infoNCE, temperature });
      if ('problem' in evaluation) throw new Error(evaluation.problem);
      return [3, 5, 7, 9].map((key) => evaluation.pairAt(0, key)!.slope);
    };
    const [hardest, ...others] = pushes(0.06) as [number, ...number[]];
    expect(Math.max(...others)).toBeLessThan(hardest / 100);
    expect(Math.max(...pushes(2)) / Math.min(...pushes(2))).toBeLessThan(3);
  });

  test('where 2a leaves the circle of 1a to the right, its force on 1a ends with a jump', () => {
    const { points, options } = stateOf('liveTriplets');
    const force = (x: number): number => {
      const moved = points.map((point, i): Point => (i === 2 ? [x, -0.2] : point));
      const evaluation = evaluate('triplet', moved, options.triplet);
      if ('problem' in evaluation) throw new Error(evaluation.problem);
      return Math.hypot(...evaluation.pairAt(0, 2)!.force);
    };
    const edge = -0.5 + Math.sqrt(0.5 + 0.32 - 0.09);
    expect(force(edge - 1e-6)).toBeGreaterThan(0.03);
    expect(force(edge + 1e-6)).toBe(0);
  });
});
