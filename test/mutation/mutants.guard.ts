/**
 * @file The mutation guard: every mutant of the pull-backs and of the engine must fail finite differences, or PyTorch's answers to numbers that have
 * none, every mutant of the losses PyTorch's values and gradients, but for equivalents with a proof.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { abs, cpu, grad, gradcheck, memoryBank, relu, safeSqrt, tensor } from '../../src/index.js';
import { conventionCases, conventionError } from '../golden/conventions.js';
import { goldenCases, goldenError } from '../golden/golden.js';
import { table, titleOf } from '../ops/table.js';
import { cases, seed } from '../support/depth.js';
import { differencesOf, leavesOf, type SpecialGolden, specialCases, stepOf } from '../support/special.js';
import { EQUIVALENT } from './equivalents.js';
import type { Mutant, Switchboard } from './mutants.js';
import { plantedOp } from './planted.js';

// Made by the instrumented modules above.
const board = (globalThis as unknown as { __mutation: Switchboard }).__mutation;

interface Scenario {
  readonly title: string;
  readonly kills: readonly Mutant['target'][];
  /** Throws when something is wrong. */
  run(): void;
}

const differences: Scenario[] = table
  .filter(({ differentiable }) => differentiable !== false)
  .map((row) => ({
    title: titleOf(row),
    kills: ['pull-back', 'engine'],
    run: () =>
      fc.assert(
        fc.property(row.inputs, (inputs) => {
          gradcheck(row.fn, inputs, { directions: 1 });
          // The square makes the pull-backs' own pull-backs matter.
          gradcheck((...x) => row.fn(...x).square(), inputs, { directions: 1, order: 2 });
        }),
        { numRuns: cases(100), seed, endOnFailure: true },
      ),
  }));

const accumulation: Scenario = {
  title: 'accumulation over passes',
  kills: ['engine'],
  run() {
    const point = 1.3;
    const x = tensor(point, { dtype: 'float64', requiresGrad: true });
    for (let pass = 0; pass < 2; pass++) x.mul(x).add(x.exp()).backward();
    const f = (v: number): number => 2 * (v * v + Math.exp(v));
    const difference = (f(point + 1e-5) - f(point - 1e-5)) / 2e-5;
    if (!(Math.abs(x.grad!.item() - difference) < 1e-6)) throw new Error(`${x.grad!.item()} is not ${difference}`);
  },
};

/** Powers of two all through: float32 rounds nothing, and a wide difference is exact. */
const throughFloat32: Scenario = {
  title: 'cast to float32',
  kills: ['pull-back'],
  run() {
    const x = tensor(2, { dtype: 'float64', requiresGrad: true });
    x.cast('float32').square().backward();
    const value = (v: number): number => tensor(v, { dtype: 'float64' }).cast('float32').square().item();
    const difference = (value(2.25) - value(1.75)) / 0.5;
    const gradient = x.grad!.item();
    if (gradient !== difference) throw new Error(`${gradient} is not ${difference}`);
  },
};

/** At a kink no difference exists: there the documented convention counts. */
const conventions: Scenario = {
  title: 'gradients at kinks',
  kills: ['pull-back'],
  run() {
    for (const f of [safeSqrt, relu, abs]) {
      const x = tensor(0, { dtype: 'float64', requiresGrad: true });
      if (grad(f(x), [x])[0]!.item() !== 0) throw new Error(`${f.name} has a gradient at 0`);
    }
  },
};

/** No difference exists of what is not finite: there PyTorch's answers count. */
const answers = JSON.parse(readFileSync('test/golden/special.json', 'utf8')) as SpecialGolden;
const special: Scenario[] = table.map((row) => ({
  title: `special numbers in ${titleOf(row)}`,
  kills: ['pull-back'],
  run() {
    for (const each of specialCases(row, answers)) {
      const parts = stepOf(row, answers)(...leavesOf(each, cpu, 'float64')).map((x) => x.dataSync());
      const found = differencesOf(parts, each, { tolerance: 1e-6, signedZeros: false });
      if (found.length > 0) throw new Error(found[0]);
    }
  },
}));

const golden: Scenario[] = goldenCases
  .filter(({ op }) => /Loss|Bound/.test(op))
  .map((row, i) => ({
    title: `golden ${row.op} ${i}`,
    kills: ['loss'],
    run() {
      const error = goldenError(row, 'float64');
      if (!(error <= 1e-12 * row.scale)) throw new Error(`off by ${error}`);
    },
  }));

/** A queue has no gradient: it must hold what a plain list holds, also after it has wrapped around. */
const queue: Scenario = {
  title: 'rows of a memory bank',
  kills: ['loss'],
  run() {
    const bank = memoryBank({ size: 5, dim: 2, dtype: 'float64' });
    const rows = Array.from({ length: 5 }, () => [0, 0]);
    let pushed = 0;
    for (const count of [2, 2, 3, 1, 5, 4]) {
      const batch = Array.from({ length: count }, (_, i) => [pushed + i + 1, -(pushed + i) - 0.5]);
      bank.push(tensor(batch, { dtype: 'float64' }));
      for (const row of batch) rows[pushed++ % 5] = row;
      const filled = rows.map((_, i) => (i < pushed ? 1 : 0));
      const wanted = JSON.stringify([rows, filled, pushed % 5]);
      const actual = JSON.stringify([bank.rows.toArray(), bank.mask.toArray(), bank.pointer.item()]);
      if (actual !== wanted) throw new Error(`${actual} is not ${wanted}`);
    }
  },
};

const libraries: Scenario[] = conventionCases.map((row, i) => ({
  title: `${row.convention.join('.')} ${i}`,
  kills: ['loss'],
  run() {
    const error = conventionError(row);
    if (!(error <= 1e-7)) throw new Error(`off by ${error}`);
  },
}));

const scenarios = [
  ...differences,
  accumulation,
  throughFloat32,
  conventions,
  ...special,
  ...golden,
  ...libraries,
  queue,
];

const planted: Scenario = {
  title: 'planted',
  kills: ['pull-back'],
  run: () => {
    gradcheck((x) => plantedOp([x!]), [tensor([1, -2], { dtype: 'float64' })]);
  },
};

/** Which scenarios run through which mutants' places. */
function reach(list: readonly Scenario[]): Map<string, Scenario[]> {
  const reached = new Map<string, Scenario[]>();
  for (const scenario of list) {
    board.seen = new Set();
    scenario.run();
    for (const id of board.seen) reached.set(id, [...(reached.get(id) ?? []), scenario]);
    delete board.seen;
  }
  return reached;
}

function isKilled(mutant: Mutant, reached: Map<string, Scenario[]>): boolean {
  board.active = mutant.id;
  try {
    return (reached.get(mutant.id) ?? [])
      .filter(({ kills }) => kills.includes(mutant.target))
      .some((scenario) => {
        try {
          scenario.run();
          return false;
        } catch {
          return true;
        }
      });
  } finally {
    board.active = null;
  }
}

const nameOf = ({ id, where, original, mutated }: Mutant): string =>
  `${id.replace(/#\d+$/, '')} ${where}: ${original} -> ${mutated}`;

const all = board.mutants ?? [];
const isPlanted = ({ id }: Mutant): boolean => id.includes('planted');

test('a planted mutant that changes nothing is seen to survive', () => {
  const own = all.filter(isPlanted);
  const reached = reach([planted]);
  const survivors = own.filter((mutant) => !isKilled(mutant, reached)).map(nameOf);
  expect(own.length).toBeGreaterThan(3);
  expect(survivors).toEqual([
    'test/mutation/planted.ts plantedOp: add(mul(g, 2), mul(g, 0)) -> mul(g, 2)',
    'test/mutation/planted.ts plantedOp: add(mul(g, 2), mul(g, 0)) -> sub(mul(g, 2), mul(g, 0))',
  ]);
});

test('every mutant of the project is caught, or has a proof that it computes the same', () => {
  const own = all.filter((mutant) => !isPlanted(mutant));
  const reached = reach(scenarios);
  const killed: Mutant[] = [];
  const survivors: Mutant[] = [];
  for (const mutant of own) (isKilled(mutant, reached) ? killed : survivors).push(mutant);
  const equivalent = survivors.filter((mutant) => nameOf(mutant) in EQUIVALENT);
  const missed = survivors.filter((mutant) => !(nameOf(mutant) in EQUIVALENT));

  const count = (list: readonly Mutant[], target: Mutant['target']): number =>
    list.filter((mutant) => mutant.target === target).length;
  for (const target of ['pull-back', 'engine', 'loss'] as const) {
    console.log(
      `${target.padEnd(10)} ${String(count(own, target)).padStart(4)} mutants, ${count(killed, target)} caught, ${count(equivalent, target)} equivalent`,
    );
  }
  console.log(`all        ${String(own.length).padStart(4)} mutants, ${missed.length} missed`);
  for (const mutant of missed) {
    const reason = reached.has(mutant.id) ? '' : '  (never run)';
    console.log(`MISSED ${nameOf(mutant)}${reason}`);
  }
  expect(own.length).toBeGreaterThanOrEqual(300);
  expect(missed.map(nameOf)).toEqual([]);
  // A proof of a mutant that is caught, or gone, is stale.
  const known = new Set(equivalent.map(nameOf));
  expect(Object.keys(EQUIVALENT).filter((name) => !known.has(name))).toEqual([]);
});
