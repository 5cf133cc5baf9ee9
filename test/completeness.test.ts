/** @file What comes with an operation, a loss, a layer or a kernel: a list that is not empty says what is missing, and where it goes. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import { gpu } from '../src/devices/gpu/index.js';
import { nn } from '../src/index.js';
import * as losses from '../src/losses/index.js';
import * as ops from '../src/ops/index.js';
import { goldenCases } from './golden/golden.js';
import type { Case } from './ops/cases.js';
import { table, titleOf } from './ops/table.js';
import { type KernelCase, kernelCases } from './support/kernel-cases.js';
import { EITHER_ZERO, type SpecialCase, type SpecialGolden, specialCases, WITHOUT } from './support/special.js';
import { apart, compiled, plain } from './support/wasm-program.js';

/** Names without a row of the table, each with the file that it belongs in. */
function withoutRow(names: readonly string[], file: string): string[] {
  const covered = new Set(table.map(({ covers }) => covers));
  const missing = names.filter((name) => !covered.has(name));
  return missing.map((name) => `${name} has no row: add { covers: '${name}', … } to ${file}`);
}

/** Exports that are no function of tensors: they make options or a queue of rows. */
const NO_FUNCTIONS = ['conventions', 'memoryBank'];

test('every operation has a row of the table of cases', () => {
  expect(Object.keys(ops).length).toBeGreaterThan(60);
  expect(withoutRow(Object.keys(ops), 'test/ops/*-cases.ts')).toEqual([]);
  expect(withoutRow(['add', 'planted'], 'x.ts')).toEqual(["planted has no row: add { covers: 'planted', … } to x.ts"]);
});

test('every loss has a row of the table of cases', () => {
  const names = Object.keys(losses).filter((name) => !NO_FUNCTIONS.includes(name));
  expect(names.length).toBeGreaterThan(8);
  expect(withoutRow(names, 'test/ops/loss-cases.ts')).toEqual([]);
});

test('every layer has a row of the table of cases', () => {
  // A list has no forward.
  const names = Object.entries(nn)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof nn.Module)
    .filter(([, value]) => value !== nn.ModuleList)
    .map(([name]) => `nn.${name}`);
  expect(names.length).toBeGreaterThan(15);
  expect(withoutRow(names, 'test/ops/layer-cases.ts')).toEqual([]);
});

test('every operation and loss has golden values, but those that PyTorch cannot answer', () => {
  // Dropout draws numbers of its own, and to() only moves them.
  const without = [...NO_FUNCTIONS, 'dropout', 'to'];
  const covered = new Set<string>(goldenCases.map(({ op }) => op));
  const names = [...Object.keys(ops), ...Object.keys(losses)].filter((name) => !without.includes(name));
  const missing = names.filter((name) => !covered.has(name));
  expect(
    missing.map((name) => `${name}: add case("${name}", …) to scripts/golden/values.py, then npm run golden -- values`),
  ).toEqual([]);
  expect(without.filter((name) => covered.has(name))).toEqual([]);
});

const special = JSON.parse(readFileSync('test/golden/special.json', 'utf8')) as SpecialGolden;
const SPECIALS = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0];

/** Inputs that must be positive numbers: a special one is an error, which test/losses/numerics.test.ts expects. */
const TEMPERATURES: Readonly<Record<string, number>> = {
  'infoNCELoss (shared negatives, learned temperature)': 3,
  'supConLoss (views, learned temperature)': 1,
};

/** Special numbers that are planted into none of a row's cases, input by input. */
function unplanted(row: Case, cases: readonly SpecialCase[]): string[] {
  const title = titleOf(row);
  if (cases.length === 0)
    return title === 'oneHot'
      ? []
      : [`${title} has no special case: add one to scripts/golden/special.py, then npm run golden -- special`];
  const specials = title === 'cast' ? [-0] : SPECIALS;
  return cases[0]!.inputs.flatMap(({ dtype }, index) =>
    dtype === 'int32' || TEMPERATURES[title] === index
      ? []
      : specials
          .filter((special) => !cases.some(({ inputs }) => inputs[index]!.data.some((v) => Object.is(v, special))))
          .map((special) => `${title}, input ${index} lacks ${special}`),
  );
}

test('every row has NaN, infinities and -0 in each input, from PyTorch, or from loops where it has no answer', () => {
  expect(table.flatMap((row) => unplanted(row, specialCases(row, special)))).toEqual([]);
  const titles = new Set(table.map(titleOf));
  expect(special.rows.map(({ row }) => row).filter((row) => !titles.has(row) || row in WITHOUT)).toEqual([]);
  expect([...Object.keys(WITHOUT), ...Object.keys(EITHER_ZERO)].filter((row) => !titles.has(row))).toEqual([]);
  const planted = { ...table[0]!, covers: 'planted' };
  expect(unplanted(planted, specialCases(planted, special))).toHaveLength(1);
});

/** The names in a union of the device contract, or the members of an interface. */
function namesIn(alias: string): string[] {
  const path = 'src/devices/device.ts';
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022);
  for (const node of file.statements) {
    if (ts.isInterfaceDeclaration(node) && node.name.text === alias) {
      return node.members.map(({ name }) => (name as ts.Identifier).text);
    }
    if (ts.isTypeAliasDeclaration(node) && node.name.text === alias && ts.isUnionTypeNode(node.type)) {
      return node.type.types.map((type) => ((type as ts.LiteralTypeNode).literal as ts.StringLiteral).text);
    }
  }
  throw new Error(`${path} declares no ${alias}`);
}

/** Kernels that are told which function to compute, with a call to try one that has no case yet. */
const FUNCTIONS = [
  { kernel: 'map', unions: ['MapOp'], loops: 'elementwise', inputs: 1, spec: { size: 4 } },
  {
    kernel: 'zip',
    unions: ['ArithmeticOp', 'ComparisonOp'],
    loops: 'elementwise',
    inputs: 2,
    spec: { shape: [4], strides: [[1], [1]] },
  },
  { kernel: 'reduce', unions: ['ReduceOp'], loops: 'reduce', inputs: 1, spec: { outer: 1, length: 4, inner: 1 } },
] as const;

/** The call of a function that has no case yet. */
function callOf({ kernel, spec, inputs }: (typeof FUNCTIONS)[number], op: string): KernelCase {
  const numbers = [Float32Array.of(0.3, 0.5, 1.25, 2), Float32Array.of(1.5, 0.5, 0.75, 1)];
  return {
    title: op,
    kernel,
    spec: { ...spec, op } as unknown as KernelCase['spec'],
    inputs: numbers.slice(0, inputs),
  };
}

const device = await gpu({ mode: 'cpu' });
afterAll(() => device.destroy());

/** Whether a call does what it should. */
async function works(call: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await call();
  } catch {
    return false;
  }
}

/** Which devices do not compute a kernel call: of each, the file where that is missing. */
async function lacking({ kernel, spec, inputs }: KernelCase, loops = '*'): Promise<string[]> {
  const files = {
    [`a loop in src/devices/cpu/${loops}.ts`]: () => plain(kernel, spec, inputs).length > 0,
    [`a number in src/devices/cpu/opcodes.ts, its name beside it in program.ts, and the kernel in assembly/${kernel}.ts (npm run assembly compiles it)`]:
      () => {
        const right = plain(kernel, spec, inputs);
        return apart(compiled(kernel, spec, inputs, right), right) < 1e-5;
      },
    'a text in src/devices/gpu/kernels.ts': async () => {
      const storages = inputs.map((input) => device.upload(input));
      return apart(await device.read(device.run(kernel, storages, spec)), plain(kernel, spec, inputs)) < 1e-4;
    },
  };
  const missing: string[] = [];
  for (const [file, call] of Object.entries(files)) if (!(await works(call))) missing.push(file);
  return missing;
}

test('every kernel of the device contract, and every function of one, is on every device', async () => {
  const cases = kernelCases(1);
  const missing: string[] = [];
  const check = async (name: string, own: KernelCase | undefined, call = own, loops?: string): Promise<void> => {
    const needs = own === undefined ? ['a case in test/support/kernel-cases.ts'] : [];
    if (call !== undefined) needs.push(...(await lacking(call, loops)));
    missing.push(...needs.map((need) => `${name} needs ${need}`));
  };
  for (const kind of FUNCTIONS) {
    for (const op of kind.unions.flatMap(namesIn)) {
      const own = cases.find(({ kernel, spec }) => kernel === kind.kernel && (spec as { op: string }).op === op);
      await check(`${kind.kernel} ${op}`, own, own ?? callOf(kind, op), kind.loops);
    }
  }
  for (const name of namesIn('KernelSpecs'))
    await check(
      name,
      cases.find(({ kernel }) => kernel === name),
    );
  expect(missing).toEqual([]);
  expect(await lacking(callOf(FUNCTIONS[0], 'planted'))).toHaveLength(3);
});
