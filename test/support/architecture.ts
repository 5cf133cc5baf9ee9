/**
 * @file Checks of the house over source texts: pure functions, so that a planted violation shows that they bite.
 */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** A source file, by its path from the root of the project. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** The floors, lowest first: an import goes to a lower floor, or stays within its own entry. */
export const FLOORS: readonly (readonly string[])[] = [
  ['src/errors.ts'],
  ['src/checks.ts'],
  ['src/shape.ts', 'src/random.ts', 'src/dtype.ts', 'src/leaves.ts'],
  ['src/format.ts', 'src/source.ts'],
  ['src/devices/device.ts'],
  ['src/devices/cpu/'],
  ['src/devices/gpu/'],
  ['src/autograd/'],
  ['src/ops/layout.ts'],
  ['src/ops/arithmetic.ts', 'src/ops/windows.ts'],
  ['src/ops/comparison.ts'],
  ['src/ops/transcendental.ts'],
  ['src/ops/reduce.ts'],
  ['src/ops/matmul.ts'],
  ['src/ops/activation.ts', 'src/ops/indexing.ts'],
  ['src/ops/distance.ts'],
  ['src/ops/index.ts'],
  ['src/ops/methods.ts'],
  ['src/state.ts', 'src/watched.ts'],
  ['src/losses/', 'src/nn/', 'src/optim/', 'src/metrics/', 'src/testing/'],
  ['src/mining/', 'src/closed-forms/'],
  ['src/compile/', 'src/data/', 'src/io/', 'src/explain/'],
  ['src/index.ts'],
  ['src/cli/'],
];

const parsed = new WeakMap<Source, ts.SourceFile>();

/** A file's syntax tree; every check asks for it, and it is made once. */
function parse(source: Source): ts.SourceFile {
  const known = parsed.get(source) ?? ts.createSourceFile(source.path, source.text, ts.ScriptTarget.ES2022, true);
  parsed.set(source, known);
  return known;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

/** Every module that a file names: imports, re-exports, types, `import()`, `require()`. */
export function importsOf(source: Source): string[] {
  const found: string[] = [];
  visit(parse(source), (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push((node.moduleSpecifier as ts.StringLiteral).text);
    } else if (ts.isCallExpression(node) && node.arguments[0] && ts.isStringLiteral(node.arguments[0])) {
      const callee = node.expression;
      const loads =
        callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === 'require');
      if (loads) found.push(node.arguments[0].text);
    }
  });
  return found;
}

function resolve(from: string, specifier: string): string {
  return join(dirname(from), specifier).replace(/\.js$/, '.ts');
}

function place(path: string): { floor: number; entry: string } | undefined {
  for (const [floor, entries] of FLOORS.entries()) {
    const entry = entries.find((name) => (name.endsWith('/') ? path.startsWith(name) : path === name));
    if (entry !== undefined) return { floor, entry };
  }
  return undefined;
}

/** Imports that go up or sideways, and files without a floor. */
export function upwardImports(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const own = place(source.path);
    if (own === undefined) return [`${source.path} has no floor`];
    return importsOf(source)
      .filter((name) => name.startsWith('.'))
      .map((name) => resolve(source.path, name))
      .filter((target) => {
        const other = place(target);
        return other === undefined || (other.entry !== own.entry && other.floor >= own.floor);
      })
      .map((target) => `${source.path} imports ${target}`);
  });
}

/** Import cycles, type-only imports included. */
export function cycles(sources: readonly Source[]): string[] {
  const edges = new Map(
    sources.map((source) => [
      source.path,
      importsOf(source)
        .filter((name) => name.startsWith('.'))
        .map((name) => resolve(source.path, name)),
    ]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
    else if (!done.has(path)) {
      for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    }
  };
  for (const path of edges.keys()) walk(path, []);
  return found;
}

/** Files that load gpu.js outside its folder. */
export function strayGpu(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !path.startsWith('src/devices/gpu/'))
    .filter((source) => importsOf(source).includes('gpu.js'))
    .map(({ path }) => path);
}

/** Uses of `any`, and comments that switch a check off. */
export function escapes(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    visit(parse(source), (node) => {
      if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(`${source.path} says any`);
    });
    const marks = ['@ts-' + 'ignore', '@ts-' + 'expect-error', '@ts-' + 'nocheck', 'biome-' + 'ignore'];
    return [
      ...found,
      ...marks.filter((mark) => source.text.includes(mark)).map((mark) => `${source.path} says ${mark}`),
    ];
  });
}

/** How many lines hold code of a file's own: comments, blanks, imports and re-exports do not count. */
export function linesOfItsOwn(source: Source): number {
  const file = parse(source);
  const others = file.statements.filter(
    (statement) =>
      ts.isImportDeclaration(statement) || (ts.isExportDeclaration(statement) && statement.moduleSpecifier),
  );
  const text = others.reduceRight(
    (rest, statement) => rest.slice(0, statement.getStart(file)) + rest.slice(statement.end),
    source.text,
  );
  return linesOfCode({ path: source.path, text });
}

/** How many lines hold code: comments and blanks do not count. */
export function linesOfCode(source: Source): number {
  const file = parse(source);
  const lines = new Set<number>();
  visit(file, (node) => {
    if (node.getChildCount(file) > 0) return;
    const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
    const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
    if (node.getEnd() > node.getStart(file)) for (let line = first; line <= last; line++) lines.add(line);
  });
  // Punctuation that stands alone is no node of its own.
  const bare = source.text.split('\n');
  bare.forEach((text, line) => {
    if (/^\s*[)}\]][)}\];,]*\s*$/.test(text)) lines.add(line);
  });
  return lines.size;
}

/** Modules that are no part of the project, reachable from an entry. */
export function foreignModules(sources: readonly Source[], entry: string): string[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<string>();
  const foreign = new Set<string>();
  const walk = (path: string): void => {
    const source = byPath.get(path);
    if (seen.has(path) || source === undefined) return;
    seen.add(path);
    for (const name of importsOf(source)) {
      if (name.startsWith('.')) walk(resolve(path, name));
      else foreign.add(`${path} imports ${name}`);
    }
  };
  walk(entry);
  return [...foreign];
}
