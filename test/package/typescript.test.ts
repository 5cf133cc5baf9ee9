/** @file What a user's TypeScript sees of the package: under every resolution, whatever types are at hand. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { installedProject } from '../support/installed.js';

const { folder, write, provide } = installedProject();

/** What the compiler says of files of the project, the package's own declarations included. */
function compiled(files: Readonly<Record<string, string>>, options: object): string {
  for (const [name, text] of Object.entries(files)) write(name, text);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    // Those of TypeScript itself; the package's own are checked.
    skipDefaultLibCheck: true,
    target: 'es2022',
    lib: ['es2022'],
    types: [],
    ...options,
  };
  write('tsconfig.json', JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  return spawnSync('node', [tsc], { cwd: folder, encoding: 'utf8' }).stdout;
}

const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };

test.each([
  ['nodenext', nodenext],
  ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ['node10', { module: 'es2022', moduleResolution: 'node10', ignoreDeprecations: '6.0' }],
])('its types hold under resolution %s, without those of a page, of Node or of optional packages', (_, options) => {
  const user = `import { type Tensor, tensor, nn } from 'contragrad';
    import { trace } from 'contragrad/explain';
    import { type GpuDevice, gpu } from 'contragrad/gpu';
    import { irisTextures, loadTable } from 'contragrad/data';
    import { loadEncoder, parseSafetensors } from 'contragrad/io';
    import { checkOp } from 'contragrad/testing';
    const x: Tensor = tensor([[1, 2]]).matmul(tensor([[1], [2]])).relu().sum();
    const size: number = irisTextures({ subjects: 1, imagesPerSubject: 1 }).size;
    export const f = (device: GpuDevice): Tensor => new nn.ReLU().to(device).forward(x.mul(size));
    export { checkOp, gpu, loadEncoder, loadTable, parseSafetensors, trace };`;
  const wrong = "import { ones } from 'contragrad';\nones([1]).wrong();";
  expect(compiled({ 'user.ts': user, 'wrong.ts': wrong }, options)).toBe(
    "wrong.ts(2,11): error TS2339: Property 'wrong' does not exist on type 'Tensor'.\n",
  );
});

test("with a page's types, addresses and files are sources", () => {
  const page = `import { loadTable, loadDataset } from 'contragrad/data';
    import { loadEncoder, readSafetensors } from 'contragrad/io';
    const file: File = new File([], 'a.csv');
    const all = [file, new Blob([]), new URL('https://a.b/c.csv'), 'c.csv', new ArrayBuffer(1), new Uint8Array(1)];
    for (const source of all) void [loadTable(source), loadDataset(source), readSafetensors(source)];
    void loadEncoder(new URL('https://a.b/run/'));`;
  const wrong = "import { loadTable } from 'contragrad/data';\nvoid loadTable({});";
  const said = compiled({ 'page.ts': page, 'wrong.ts': wrong }, { ...nodenext, lib: ['es2022', 'dom'] });
  expect(said).toMatch(/^wrong\.ts\(2,16\): error TS2345: [^\n]+\n( {2}[^\n]+\n)*$/);
});

test("with fast-check installed its arbitraries are fast-check's, and what they give has its type", () => {
  provide('fast-check', 'pure-rand');
  const user = `import fc from 'fast-check';
    import type { Tensor } from 'contragrad';
    import { broadcastableTensors, checkOp, labels, shapes, values } from 'contragrad/testing';
    const ours: fc.Arbitrary<Tensor> = values([2]);
    const both: fc.Arbitrary<[Tensor, Tensor]> = fc.tuple(ours, labels(2, 3));
    checkOp((a) => a.relu(), both.map(([a]) => [a]));
    fc.assert(fc.property(shapes(), broadcastableTensors(), (shape, [a]) => shape.length > 9 || a!.size > 0));`;
  const wrong = `import fc from 'fast-check';
import { broadcastableTensors, checkOp } from 'contragrad/testing';
fc.property(broadcastableTensors(), ([a]) => a!.wrong);
checkOp((a) => a, fc.integer());`;
  const said = compiled({ 'user.ts': user, 'wrong.ts': wrong }, nodenext);
  expect(said.match(/^\S+ error TS\d+/gm)).toEqual(['wrong.ts(3,49): error TS2339', 'wrong.ts(4,19): error TS2345']);
});

test('what does not read exports is led where exports lead', () => {
  const { exports, main, types, typesVersions, alias } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, { types: string; default: string }>;
    main: string;
    types: string;
    typesVersions: { '*': Record<string, string[]> };
    alias: Record<string, string>;
  };
  const { '.': core, './package.json': _, ...entries } = exports;
  expect({ types, default: main }).toMatchObject({ types: core!.types, default: core!.default });
  const names = Object.keys(entries);
  // TypeScript's node10, and Parcel at its defaults.
  expect(typesVersions['*']).toEqual(Object.fromEntries(names.map((name) => [name.slice(2), [entries[name]!.types]])));
  expect(alias).toEqual(Object.fromEntries(names.map((name) => [name, entries[name]!.default])));
});
