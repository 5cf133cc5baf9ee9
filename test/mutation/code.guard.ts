/**
 * @file The guard of code that is no rule: the project's own tests must catch every mutant of it, but for equivalents with a proof.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, expect, test, vi } from 'vitest';
import type { SpecialGolden } from '../support/special.js';
import type { Collected } from './code-collector.js';
import { EQUIVALENT } from './code-equivalents.js';
import { type CodeBoard, type CodeMutant, looksAt } from './code-mutants.js';

/** Whether all mutants are tried, or one in so many. */
const isFull = process.env.MUTANTS === 'full';
const SHARE = 8;

/** Tries the mutants of some files only, and all of them: `ONLY=src/nn/ npm run test:mutation`. */
const { ONLY } = process.env;
const wanted: readonly (string | undefined)[] = ONLY?.split(',') ?? [undefined];

/** Tests of tests, and what each operation does to the same lines. */
const OF_TESTS =
  /^a fault is found|^programs hold|^where it cannot run|^every program comes|^300 Adam steps|^every row of the table .*(?<!sum.*|relu)$/;

/** A test that does so many times what it does without a mutant, and this many steps more, does not end. */
const ENDLESS = { times: 20, more: 100_000 };

const board: CodeBoard = {
  mutants: [],
  active: -1,
  seen: null,
  steps: Number.POSITIVE_INFINITY,
  isOn(id) {
    this.seen?.add(id);
    if (--this.steps < 0) throw new Error('does not end');
    return this.active === id;
  },
};
(globalThis as unknown as { __code: CodeBoard }).__code = board;

/** A test with what it runs through without a mutant. */
interface Scenario extends Collected {
  /** The file that it is in, in `test`. */
  readonly path: string;
  readonly seen: ReadonlySet<number>;
  readonly steps: number;
  readonly ms: number;
  /** How many mutants of each file it caught. */
  readonly caught: Map<string, number>;
}

/** Runs a test; the mutant's number is -1 for none. */
async function fails({ run }: Pick<Collected, 'run'>, active: number, steps: number): Promise<unknown> {
  Object.assign(board, { active, steps });
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    await run();
    return null;
  } catch (error) {
    return error;
  } finally {
    log.mockRestore();
    Object.assign(board, { active: -1, steps: Number.POSITIVE_INFINITY });
  }
}

/** Notes what a test runs through. */
async function watched(path: string, one: Collected): Promise<Scenario> {
  const seen = new Set<number>();
  const [start, limit] = [performance.now(), Number.MAX_SAFE_INTEGER];
  let left = limit;
  const run = async (): Promise<void> => {
    await one.run();
    left = board.steps;
  };
  board.seen = seen;
  const error = await fails({ run }, -1, limit);
  board.seen = null;
  if (error !== null) throw new Error(`${one.title} fails without a mutant`, { cause: error });
  return { ...one, path, seen, steps: limit - left, ms: performance.now() - start, caught: new Map() };
}

/** Loads the tests, and all that they import, anew. */
async function load(): Promise<[path: string, test: Collected][]> {
  vi.resetModules();
  const loaded: [string, Collected][] = [];
  const { taken } = await import('./code-collector.js');
  for (const path of (readdirSync('test', { recursive: true }) as string[]).sort()) {
    if (!path.endsWith('.test.ts') || !wanted.some((file) => looksAt(path, file))) continue;
    await import(/* @vite-ignore */ `../${path}`);
    const { tests, before } = taken();
    for (const hook of before) await hook();
    for (const one of tests) if (!OF_TESTS.test(one.title)) loaded.push([path, one]);
  }
  // NaN, infinities and -0, in the type that only plain loops compute.
  const { table, titleOf } = await import('../ops/table.js');
  const { differencesOf, leavesOf, specialCases, stepOf } = await import('../support/special.js');
  const { cpu } = await import('../../src/index.js');
  const answers = JSON.parse(readFileSync('test/golden/special.json', 'utf8')) as SpecialGolden;
  for (const row of table) {
    const run = (): void => {
      for (const each of specialCases(row, answers)) {
        const parts = stepOf(row, answers)(...leavesOf(each, cpu, 'float64')).map((x) => x.dataSync());
        expect(differencesOf(parts, each, { tolerance: 1e-6, signedZeros: false })).toEqual([]);
      }
    };
    loaded.push(['special', { title: `special numbers in ${titleOf(row)}`, run }]);
  }
  return loaded;
}

/** Whether a test fails with a mutant and passes again without it; null where it does not. */
async function catches(scenario: Scenario, { id }: CodeMutant): Promise<boolean | null> {
  const limit = ENDLESS.times * scenario.steps + ENDLESS.more;
  if ((await fails(scenario, id, limit)) === null) return false;
  return (await fails(scenario, -1, Number.POSITIVE_INFINITY)) === null ? true : null;
}

/** Whether one of the tests catches a mutant; those that are quick and caught many of its file come first. */
async function isCaught(mutant: CodeMutant, scenarios: readonly Scenario[], isClean = false): Promise<boolean> {
  const rank = ({ ms, caught }: Scenario): number => ms / (1 + (caught.get(mutant.file) ?? 0));
  const reached = scenarios.filter(({ path, seen }) => seen.has(mutant.id) && looksAt(path, mutant.file));
  for (const scenario of reached.sort((a, b) => rank(a) - rank(b))) {
    const caught = await catches(scenario, mutant);
    if (caught === false) continue;
    if (caught === null) {
      // A mutant left something behind, this one or one before: only on clean ground it counts.
      for (const [i, [, { title, run }]] of (await load()).entries()) {
        if (scenarios[i]?.title !== title) throw new Error(`the tests have changed: ${title}`);
        scenarios[i].run = run;
      }
      if (!isClean) return isCaught(mutant, scenarios, true);
    }
    scenario.caught.set(mutant.file, (scenario.caught.get(mutant.file) ?? 0) + 1);
    return true;
  }
  return false;
}

const isPlanted = ({ file }: CodeMutant): boolean => file.includes('planted');
const scenarios: Scenario[] = [];

beforeAll(async () => {
  // A test that fails has done its part: no smaller case is looked for.
  fc.configureGlobal({ endOnFailure: true });
  for (const [path, one] of await load()) scenarios.push(await watched(path, one));
});

test('planted mutants that change nothing survive, one that does not end is caught', async () => {
  const { plantedCode } = await import('./code-planted.js');
  const run = (): void =>
    expect([3, -5, 2, 0.5].map(plantedCode)).toEqual([
      [3, 1],
      [5, 2],
      [2, 1],
      [0.5, 0],
    ]);
  const own = board.mutants.filter(isPlanted);
  const scenario = await watched('planted', { title: 'planted', run });
  const survivors: string[] = [];
  for (const mutant of own) if (!(await isCaught(mutant, [scenario]))) survivors.push(mutant.name);
  expect(own.length).toBeGreaterThan(8);
  expect(survivors).toEqual(['test/mutation/code-planted.ts plantedCode: x < 0 in x < 0 ? -x : x -> x <= 0']);
});

test.skipIf(ONLY !== undefined)('the random programs alone find a plan that does not know what it holds', async () => {
  const name = 'held.has(leafAt(args, path)) in if (held.has(leafAt(args, path))) return false; -> false';
  const mutant = board.mutants.find((one) => one.name.endsWith(name))!;
  const programs = scenarios.filter(({ title }) =>
    title.endsWith('random programs see what they see eagerly, through every call'),
  );
  expect(programs).toHaveLength(2);
  for (const one of programs) expect(await isCaught(mutant, [one])).toBe(true);
});

test('every mutant is caught, or has a proof that no input tells', async () => {
  const start = performance.now();
  const all = board.mutants.filter((mutant) => !isPlanted(mutant));
  const chosen = all.filter(({ file, id }) =>
    ONLY === undefined ? isFull || id % SHARE === 0 : wanted.includes(file),
  );
  const survivors: CodeMutant[] = [];
  const tally = new Map<string, [tried: number, caught: number, equivalent: number]>();
  for (const mutant of chosen) {
    const counts = tally.get(mutant.file) ?? [0, 0, 0];
    tally.set(mutant.file, counts);
    counts[0]++;
    if (!isFull && mutant.name in EQUIVALENT) counts[2]++;
    else if (await isCaught(mutant, scenarios)) counts[1]++;
    else survivors.push(mutant);
  }
  const missed = survivors.filter(({ name }) => !(name in EQUIVALENT));
  for (const { file, name } of survivors) if (name in EQUIVALENT) tally.get(file)![2]++;
  for (const [file, [tried, caught, equivalent]] of tally) {
    console.log(`${file.padEnd(34)} ${String(tried).padStart(4)} mutants, ${caught} caught, ${equivalent} equivalent`);
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  console.log(
    `${chosen.length} of ${all.length} mutants by ${scenarios.length} tests in ${seconds} s, ${missed.length} missed`,
  );
  for (const { id, name, line } of missed) {
    const isRun = scenarios.some(({ seen }) => seen.has(id));
    console.log(`MISSED ${name}  [line ${line}${isRun ? '' : ', never run'}]`);
  }
  expect(missed).toHaveLength(0);
  // A proof of a mutant that is caught, or gone, is stale.
  const known = new Set((isFull ? survivors : all).map(({ name }) => name));
  const asked = (name: string): boolean => all.some(({ file }) => name.startsWith(`${file} `) && tally.has(file));
  expect(Object.keys(EQUIVALENT).filter((name) => asked(name) && !known.has(name))).toEqual([]);
});
