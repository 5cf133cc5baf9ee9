/** @file What an editor shows of a tensor's methods: the documentation of their functions. */
import ts from 'typescript';
import { expect, test } from 'vitest';
import * as ops from '../../src/ops/index.js';

const FILE = 'test/types/hovered.ts';
const names = Object.keys(ops).filter((name) => /^[a-z]/.test(name) && !name.endsWith('Op'));
const text = `import type { Tensor } from '../../src/index.js';\ndeclare const x: Tensor;\n${names.map((name) => `x.${name};`).join('\n')}`;

const { options } = ts.parseJsonConfigFileContent(
  ts.readConfigFile('tsconfig.json', ts.sys.readFile).config,
  ts.sys,
  '.',
);
const service = ts.createLanguageService({
  getScriptFileNames: () => [FILE],
  getScriptVersion: () => '1',
  getScriptSnapshot: (path) => {
    const content = path === FILE ? text : ts.sys.readFile(path);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => '.',
  getCompilationSettings: () => options,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (path) => path === FILE || ts.sys.fileExists(path),
  readFile: ts.sys.readFile,
});

test('every method of a tensor shows its documentation', () => {
  expect(names.length).toBeGreaterThan(70);
  const silent = names.filter((name) => {
    const info = service.getQuickInfoAtPosition(FILE, text.indexOf(`x.${name};`) + 2);
    return ts.displayPartsToString(info?.documentation) === '';
  });
  expect(silent).toEqual([]);
});
