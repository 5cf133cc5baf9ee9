/** @file What TypeScript says of the variants: one file with each on a line of its own, and one program. */
import { resolve } from 'node:path';
import ts from 'typescript';
import { GARBAGE_NAMES } from './garbage.js';
import { IMPORTS } from './library.js';
import { NAMES } from './names.js';
import type { Variant } from './variants.js';

const PATH = resolve('test/arguments/generated.ts');
const HEAD = `${IMPORTS} declare function run(index: number, call: () => unknown): void;`;

/** The program, and the statement of each variant in it. */
export interface Typed {
  readonly program: ts.Program;
  /** Which of the variants TypeScript takes. */
  readonly admitted: readonly boolean[];
  /** The call of each variant. */
  readonly calls: readonly ts.Expression[];
}

/** The text that TypeScript is shown. */
function textOf(variants: readonly Variant[]): { text: string; first: number } {
  const values = Object.entries({ ...NAMES, ...GARBAGE_NAMES }).map(([name, value]) => `const ${name} = ${value};`);
  const lines = variants.map(({ text }, index) => `run(${index}, () => (${text}));`);
  return { text: [HEAD, ...values, ...lines].join('\n'), first: values.length + 1 };
}

function programOf(text: string): ts.Program {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, '.');
  // An option that is undefined is one that is left out, whatever the program of the caller says of it.
  Object.assign(options, {
    exactOptionalPropertyTypes: false,
    isolatedDeclarations: false,
    declaration: false,
    noUnusedLocals: false,
  });
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (path, ...rest) =>
    path === PATH ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) : getSourceFile(path, ...rest);
  host.fileExists = (path) => path === PATH || fileExists(path);
  return ts.createProgram([PATH], options, host);
}

/** Which variants TypeScript takes; throws when the names themselves are wrong. */
export function typed(variants: readonly Variant[]): Typed {
  const { text, first } = textOf(variants);
  const program = programOf(text);
  const file = program.getSourceFile(PATH)!;
  const admitted = variants.map(() => true);
  const diagnostics = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  for (const { start, messageText } of diagnostics) {
    const { line } = file.getLineAndCharacterOfPosition(start!);
    if (line >= first) admitted[line - first] = false;
    else
      throw new Error(`${text.split('\n')[line]?.slice(0, 200)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  }
  const calls = file.statements.slice(-variants.length).map((statement) => {
    const [, arrow] = ((statement as ts.ExpressionStatement).expression as ts.CallExpression).arguments;
    return ((arrow as ts.ArrowFunction).body as ts.ParenthesizedExpression).expression;
  });
  return { program, admitted, calls };
}
