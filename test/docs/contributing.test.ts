/** @file What the pages for contributors name is there: files, folders, scripts, and the lines to change. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

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

/** The rows of the table: which line to change, and what to run. */
const rows = [...guide.matchAll(/^\| ([\w ]+) \| `([^`]+)`: `(.+?)` to `(.+?)` \| `([^`]+)` \|/gm)].map(
  ([, what, path, before, after, command]) => ({ what, path, before, after, command }) as Record<string, string>,
);

test('the table changes an operation, a loss, a layer, a loader and an option', () => {
  expect(rows.map(({ what }) => what)).toEqual([
    'an operation',
    'a loss',
    'a layer',
    'a loader',
    'an option of the command',
  ]);
});

test.each(rows)('the line of $what is there, once, and the tests that see it change', ({ path, before, command }) => {
  // In a table a bar needs a backslash.
  expect(read(path!).split(before!.replaceAll('\\|', '|'))).toHaveLength(2);
  const files = command!.match(/test\/\S+/g) ?? [];
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
  const [, name] = / -t (\w+)/.exec(command!) ?? [];
  if (name !== undefined)
    expect(readdirSync('test/ops').some((file) => read(join('test/ops', file)).includes(name))).toBe(true);
});
