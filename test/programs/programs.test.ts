/**
 * @file Random training programs: eagerly, compiled, by plain loops and in PyTorch they come to the same numbers, and faults that
 * are planted are found.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assertProperty, quickCases, seed } from '../support/depth.js';
import { programs } from './arbitrary.js';
import { planted, withFault } from './planted.js';
import { type Happening, type Program, parametersIn } from './program.js';
import { compare, run, type Trace } from './run.js';
import { byHand, compiled, eager, type Tools } from './tools.js';

/** How many programs are tried in full. */
const FULL = 1200;

/** In float64, to another implementation. */
const CLOSE = 1e-9;

/** In float32, eager to compiled: so far, or this many times what eager float32 loses of float64. */
const SINGLE = { least: 1e-5, times: 30 };

interface Golden {
  readonly program: Program;
  readonly results: Readonly<Record<string, readonly number[] | null>>;
}
const golden = (JSON.parse(readFileSync('test/golden/programs.json', 'utf8')) as { cases: readonly Golden[] }).cases;

/** Fails unless a trace is as close as wanted; says where it is furthest. */
function expectClose(actual: Trace, wanted: Trace, tolerance: number): void {
  const { error, at } = compare(actual, wanted);
  if (!(error <= tolerance)) throw new Error(`${at} is ${error} away, more than ${tolerance}`);
}

describe.each<[string, Tools]>([
  ['eagerly', eager('float64')],
  ['compiled', compiled('float64')],
  ['by plain loops', byHand],
])('%s, a program comes to the numbers of PyTorch', (_, tools) => {
  test.each(golden.map((one, i) => [i, one] as const))('%i', (_number, { program, results }) => {
    expectClose(run(program, tools), new Map(Object.entries(results)), CLOSE);
  });
});

test('every program comes to the same numbers eagerly, compiled by each executor, and by plain loops', () => {
  const seen = new Map<string, number>();
  const count = (executor: string): void => void seen.set(executor, (seen.get(executor) ?? 0) + 1);
  assertProperty(
    fc.property(programs(), (program) => {
      const double = run(program, eager('float64'));
      expectClose(run(program, byHand), double, CLOSE);
      expectClose(run(program, compiled('float64', count)), double, 0);
      const single = run(program, eager('float32'));
      const tolerance = Math.max(SINGLE.least, SINGLE.times * compare(single, double).error);
      expectClose(run(program, compiled('float32', count)), single, tolerance);
      // A rate reads as it was set, whatever the type of the parameters.
      const rates = (trace: Trace): unknown[] => [...trace].filter(([at]) => at.includes(' lr '));
      expect(rates(single)).toEqual(rates(double));
    }),
    FULL,
  );
  console.log(`calls of compiled steps: ${[...seen].map(([name, calls]) => `${calls} ${name}`).join(', ')}`);
  expect([...seen.keys()].sort()).toEqual(['generic', 'wasm']);
});

describe('a fault is found within the quick depth:', () => {
  test.each(planted)('%s', (_, fault) => {
    const property = fc.property(programs(), (program) => {
      expectClose(run(program, withFault(fault)), run(program, byHand), CLOSE);
    });
    const { failed, numRuns } = fc.check(property, { numRuns: quickCases(FULL), seed, endOnFailure: true });
    console.log(`found by program ${numRuns}`);
    expect(failed).toBe(true);
  });

  test('in what PyTorch ran, each is found too', () => {
    for (const [name, fault] of planted) {
      const found = golden.filter(({ program, results }) => {
        const { error } = compare(run(program, withFault(fault)), new Map(Object.entries(results)));
        return error > CLOSE;
      });
      expect(found.length, name).toBeGreaterThan(0);
    }
  });
});

test('programs hold what strangers write', () => {
  const happens = (what: Happening['do']) => (program: Program) => program.happenings.some((one) => one.do === what);
  const calls = ({ happenings }: Program): Extract<Happening, { do: 'call' }>[] =>
    happenings.filter((one) => one.do === 'call');
  const gives = (key: string) => (program: Program) =>
    calls(program).some(({ given }) => given.some((one) => key in one));
  const kinds: Readonly<Record<string, (program: Program) => boolean>> = {
    'a tied layer': (program) => {
      const names = parametersIn(program, null);
      return new Set(names).size < names.length;
    },
    'two encoders': ({ encoders }) => encoders.length > 1,
    'a batch norm': ({ norms }) => norms.includes('batch'),
    'two optimizers': ({ optimizers }) => optimizers.length > 1,
    'a schedule': happens('schedule'),
    'another rate': happens('lr'),
    freezing: happens('freeze'),
    unfreezing: happens('unfreeze'),
    'another state': happens('load'),
    'another weight': happens('replace'),
    'another momentum': happens('momentum'),
    'a step outside': happens('step'),
    evaluation: happens('eval'),
    'a call that throws': (program) => calls(program).some(({ fails }) => fails === 'throw'),
    'a label that does not exist': (program) => calls(program).some(({ fails }) => typeof fails === 'number'),
    'a call without compile': (program) => calls(program).some(({ eagerly }) => eagerly),
    'a tensor of the step as argument': gives('leaf'),
    'an argument that collects a gradient': gives('trained'),
    'the same argument twice': gives('same'),
    'another tensor with the same numbers': gives('twin'),
    'plain arrays': gives('array'),
  };
  const some = fc.sample(programs(), { numRuns: 300, seed });
  for (const [name, holds] of Object.entries(kinds)) {
    expect(
      golden.some(({ program }) => holds(program)),
      `${name} in what PyTorch ran`,
    ).toBe(true);
    expect(some.filter(holds).length, name).toBeGreaterThanOrEqual(3);
  }
});
