/** @file What the pages for contributors name is there: files, folders, scripts, and the lines to change. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { table, titleOf } from '../ops/table.js';

const read = (path: string): string => readFileSync(path, 'utf8');
const guide = read('CONTRIBUTING.md');
const pages = [
  'CONTRIBUTING.md',
  'README.md',
  '.github/PULL_REQUEST_TEMPLATE.md',
  ...readdirSync('docs/adr').map((name) => join('docs/adr', name)),
];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** What a pattern finds in every page, with the page. */
const findAll = (pattern: RegExp): [page: string, found: string][] =>
  pages.flatMap((page) => [...read(page).matchAll(pattern)].map(([, found]) => [page, found!] as [string, string]));

test('links lead to files', () => {
  const links = findAll(/\]\((?!https?:)([^)#]+)/g);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter(([page, link]) => !existsSync(join(dirname(page), link)))).toEqual([]);
});

test('paths lead to files', () => {
  const paths = findAll(/`((?:\.ci|\.github|bench|docs|examples|exercises|scripts|src|test)\/[\w./-]*)(?=[`:])/g);
  expect(paths.length).toBeGreaterThan(30);
  // The reference is made by a build.
  expect(paths.filter(([, path]) => path !== 'docs/api/' && !existsSync(path))).toEqual([]);
});

test('scripts are those of the package', () => {
  const names = findAll(/npm run ([\w:]+)/g);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter(([, name]) => !(name in scripts))).toEqual([]);
});

/** The faults to plant: which line to change, and what to run. */
const faults = [...guide.matchAll(/^- \*\*(.+)\.\*\* In `(.+)` change `(.+)` to `.+`\.\n {2}`(.+?)` /gm)].map(
  ([, what, path, before, command]) => ({ what: what!, path: path!, before: before!, command: command! }),
);

test('there is a fault to plant in an operation, a loss, a layer, a loader and an option', () => {
  const kinds = ['An operation', 'A loss', 'A layer', 'A loader', 'An option of the command'];
  expect(faults.map(({ what }) => what)).toEqual(kinds);
});

test.each(faults)('$what: the line to change is there, once, and so is what shows it', ({ path, before, command }) => {
  expect(read(path).split(before)).toHaveLength(2);
  expect((command.match(/test\/\S+/g) ?? []).filter((file) => !existsSync(file))).toEqual([]);
  const [, name] = / -t (\w+)/.exec(command) ?? [];
  if (name !== undefined) expect(table.map(titleOf).some((title) => title.includes(name))).toBe(true);
});
