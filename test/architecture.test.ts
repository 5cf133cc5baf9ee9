/** @file The floors of the house, and the promises about its size. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  cycles,
  escapes,
  foreignModules,
  linesOfCode,
  linesOfItsOwn,
  type Source,
  strayGpu,
  upwardImports,
} from './support/architecture.js';

function sourcesIn(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name, parentPath }) => name.endsWith('.ts') && !parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

const src = sourcesIn('src');
const all = [...src, ...sourcesIn('test')];

test('imports run downward only', () => {
  expect(src.length).toBeGreaterThan(20);
  expect(upwardImports(src)).toEqual([]);
  const planted = { path: 'src/shape.ts', text: "import type { Tensor } from './autograd/tensor.js';" };
  expect(upwardImports([planted])).toEqual(['src/shape.ts imports src/autograd/tensor.ts']);
  const sideways = { path: 'src/nn/layers.ts', text: "import { SGD } from '../optim/sgd.js';" };
  expect(upwardImports([sideways])).toHaveLength(1);
});

test('no import cycle exists', () => {
  expect(cycles(src)).toEqual([]);
  const a = { path: 'src/ops/a.ts', text: "import './b.js';" };
  const b = { path: 'src/ops/b.ts', text: "import type { A } from './a.js';" };
  expect(cycles([a, b])).toHaveLength(1);
});

test('gpu.js is loaded in its own folder only', () => {
  expect(strayGpu(src)).toEqual([]);
  expect(strayGpu([{ path: 'src/io/x.ts', text: "await import('gpu.js');" }])).toEqual(['src/io/x.ts']);
});

test('no file escapes from the type system', () => {
  expect(escapes(all)).toEqual([]);
  expect(escapes([{ path: 'x.ts', text: 'const x: any = 1;' }])).toHaveLength(1);
});

test('no file has more than 400 lines of code', () => {
  expect(all.filter((source) => linesOfCode(source) > 400).map(({ path }) => path)).toEqual([]);
  expect(linesOfCode({ path: 'x.ts', text: '// a comment\n\nconst x = [\n  1,\n];\n' })).toBe(3);
});

test('no folder is a drawer for everything', () => {
  expect(src.filter(({ path }) => /\/(utils|helpers|common|misc)\//.test(path))).toEqual([]);
});

test('the core entry depends on nothing', () => {
  expect(foreignModules(src, 'src/index.ts')).toEqual([]);
  expect(foreignModules([{ path: 'src/index.ts', text: "import 'node:fs';" }], 'src/index.ts')).toHaveLength(1);
});

test('autograd and ops hold at most 2,100 lines of code', () => {
  const total = src
    .filter(({ path }) => /^src\/(autograd|ops)\//.test(path))
    .reduce((sum, source) => sum + linesOfItsOwn(source), 0);
  console.log(`autograd + ops: ${total} of 2,100 lines of code`);
  expect(total).toBeGreaterThan(500);
  expect(total).toBeLessThanOrEqual(2100);
  expect(linesOfItsOwn({ path: 'x.ts', text: "import a from 'a';\nexport { b } from 'b';\nconst x = 1;\n" })).toBe(1);
});

test('the lock file records no download host', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
});
