/**
 * @file What TypeScript says of the variants: calls in one file, each on a line of its own, in one program. The valid calls come first;
 * they tell what type each place in them has, so that a value is tried once for all places of a type.
 */
import { resolve } from 'node:path';
import ts from 'typescript';
import { GARBAGE_NAMES } from './garbage.js';
import { IMPORTS } from './library.js';
import { NAMES } from './names.js';
import type { Variant } from './variants.js';

const PATH = resolve('test/arguments/generated.ts');
const HEAD = `${IMPORTS} declare function run(call: () => unknown): void;`;

/** What TypeScript knows. */
export interface Typed {
  readonly program: ts.Program;
  /** The valid calls, by their texts. */
  readonly calls: ReadonlyMap<string, ts.Expression>;
  /** Which of the variants TypeScript takes. */
  readonly admitted: readonly boolean[];
  /** Which of them TypeScript alone can find wrong: a function that nobody has called yet stands where another belongs. */
  readonly later: readonly boolean[];
}

/** A program of calls, the calls in it, and which of them are right. */
type Checked = Omit<Typed, 'later'>;

function programOf(text: string, before?: ts.Program): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  // An option that is undefined is one that is left out, whatever the program of the caller says of it.
  Object.assign(options, {
    exactOptionalPropertyTypes: false,
    isolatedDeclarations: false,
    declaration: false,
    noUnusedLocals: false,
  });
  const host = ts.createCompilerHost(options, true);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (path, ...rest) => {
    if (path === PATH) return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    return before?.getSourceFile(path) ?? getSourceFile(path, ...rest);
  };
  host.fileExists = (path) => path === PATH || fileExists(path);
  return ts.createProgram([PATH], options, host, before);
}

/** Which calls TypeScript takes; throws when the names themselves are wrong. */
function checked(texts: readonly string[], before?: ts.Program): Checked {
  const values = Object.entries({ ...NAMES, ...GARBAGE_NAMES }).map(([name, value]) => `const ${name} = ${value};`);
  const lines = texts.map((text) => `run(() => (${text}));`);
  const program = programOf([HEAD, ...values, ...lines].join('\n'), before);
  const file = program.getSourceFile(PATH)!;
  const admitted = texts.map(() => true);
  for (const diagnostic of [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]) {
    const { line } = file.getLineAndCharacterOfPosition(diagnostic.start!);
    if (line > values.length) admitted[line - values.length - 1] = false;
    else throw new Error(ts.formatDiagnostic(diagnostic, ts.createCompilerHost({})));
  }
  const calls = file.statements.slice(-texts.length).map((statement, index): [string, ts.Expression] => {
    const [arrow] = ((statement as ts.ExpressionStatement).expression as ts.CallExpression).arguments;
    const { expression } = (arrow as ts.ArrowFunction).body as ts.ParenthesizedExpression;
    return [texts[index]!, expression];
  });
  return { program, admitted, calls: new Map(calls) };
}

/** The outermost expression from one place to another. */
function nodeAt(node: ts.Node, start: number, end: number): ts.Node | undefined {
  if (node.getStart() === start && node.end === end) return node;
  return ts.forEachChild(node, (child) => nodeAt(child, start, end));
}

/** The type that belongs where an expression stands. */
function typeAt(checker: ts.TypeChecker, node: ts.Node): ts.Type | undefined {
  if (!ts.isShorthandPropertyAssignment(node)) return checker.getContextualType(node as ts.Expression);
  const type = checker.getContextualType(node.parent);
  const property = type && checker.getNonNullableType(type).getProperty(node.name.text);
  return property && checker.getTypeOfSymbol(property);
}

/** The type of the place that decides about a variant. */
function typeOf({ program, calls }: Checked, { row, decided }: Variant): ts.Type | undefined {
  const call = calls.get(row)!;
  if (decided === undefined) return undefined;
  const [start, end] = [call.getStart() + decided.start, call.getStart() + decided.end];
  return typeAt(program.getTypeChecker(), nodeAt(call, start, end)!);
}

const isCallable = (type: ts.Type | undefined): boolean =>
  type !== undefined && (type.isUnion() ? type.types.some(isCallable) : type.getCallSignatures().length > 0);

/** Which variants TypeScript takes. */
export function typed(variants: readonly Variant[]): Typed {
  const rows = variants.filter(({ fault }) => fault === 'valid').map(({ text }) => text);
  const valid = checked(rows);
  const types = variants.map((variant) => typeOf(valid, variant));
  // The same for variants of which TypeScript says the same.
  const keys = variants.map(({ text, decided }, index) => {
    const type = types[index] as { readonly id?: number } | undefined;
    return type === undefined ? text : `${type.id} ${decided!.by}`;
  });
  const later = variants.map(({ decided }, index) => decided?.by === '() => {}' && isCallable(types[index]));
  const texts = new Map(variants.map(({ text }, index) => [keys[index]!, text]));
  const second = checked([...texts.values()], valid.program);
  const taken = new Map([...texts.keys()].map((key, index) => [key, second.admitted[index]!]));
  return { program: valid.program, calls: valid.calls, later, admitted: keys.map((key) => taken.get(key)!) };
}
