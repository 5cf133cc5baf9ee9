/** @file Every hint that an error can print, read from the sources: whatever reaches the third part of a message, and advice within the second. */
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';

/** A hint: where it stands, and its text with `…` in place of what only a call knows. */
export interface Hint {
  /** From the folder of the sources, for example `ops/matmul.ts`. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const root = join(import.meta.dirname, '../../..');
const source = join(root, 'src');
const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/assembly|report\/page/.test(file))
  .map((file) => join(source, file));

/** The part of a message, by the argument of an error that it stands in. */
const PROBLEM = 1;
const HINT = 2;
/** What is advice within a problem: it follows a semicolon, or asks. */
const ADVICE = /(?:; |(?=did you mean))([^\n]+)$/;

/** All hints of the sources, one for each text that a file writes, in the order of the files. */
export function collectHints(): Hint[] {
  const program = ts.createProgram(files, {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    noLib: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const own = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(source));
  const found = new Map<ts.Node, Hint>();
  /** Calls by the function that they call, for what a function is given. */
  const calls = new Map<ts.Node, ts.CallExpression[]>();
  const errors: (ts.NewExpression | ts.CallExpression)[] = [];

  const refusals: ts.Expression[] = [];
  const followed: Record<number, Set<ts.Node>> = { [PROBLEM]: new Set(), [HINT]: new Set() };

  const declarationOf = (name: ts.Node): ts.Node | undefined => {
    let symbol = checker.getSymbolAtLocation(name);
    if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
    return symbol?.valueDeclaration;
  };
  /** The function that a declaration is, or holds. */
  const functionOf = (node: ts.Node | undefined): ts.SignatureDeclaration | undefined => {
    if (node && ts.isVariableDeclaration(node)) return functionOf(node.initializer);
    return node && ts.isFunctionLike(node) ? node : undefined;
  };
  const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
    visit(node);
    ts.forEachChild(node, (child) => walk(child, visit));
  };
  for (const file of own) {
    walk(file, (node) => {
      if (ts.isNewExpression(node) && isError(node)) errors.push(node);
      if (!ts.isCallExpression(node)) return;
      if (
        node.expression.kind === ts.SyntaxKind.SuperKeyword &&
        isErrorClass(ts.findAncestor(node, ts.isClassDeclaration))
      )
        errors.push(node);
      // The command's own way to refuse.
      if (ts.isPropertyAccessExpression(node.expression) && node.expression.getText() === 'command.error') {
        refusals.push(node.arguments[0]!);
      }
      const called = functionOf(declarationOf(node.expression));
      if (called) calls.set(called, [...(calls.get(called) ?? []), node]);
    });
  }

  function isError({ expression }: ts.NewExpression): boolean {
    return isErrorClass(declarationOf(expression));
  }

  function isErrorClass(declared: ts.Node | undefined): boolean {
    if (!declared || !ts.isClassDeclaration(declared)) return false;
    if (declared.name?.text === 'ContragradError') return true;
    const base = declared.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
    return base !== undefined && isErrorClass(declarationOf(base.expression));
  }

  function note(node: ts.Node, text: string, part: number): void {
    const hint = part === HINT ? text : ADVICE.exec(text)?.[1];
    if (hint === undefined || /^[…\s]*$/.test(hint)) return;
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    found.set(node, { file: relative(source, file.fileName), line: line + 1, text: hint });
  }

  /** Follows a part of a message back to the texts that it can be. */
  function follow(node: ts.Node, part: number): void {
    if (followed[part]!.has(node)) return;
    followed[part]!.add(node);
    const on = (next: ts.Node | undefined): void => void (next && follow(next, part));
    if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node))
      on(node.expression);
    else if (ts.isStringLiteralLike(node)) note(node, node.text, part);
    else if (ts.isTemplateExpression(node)) {
      note(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'), part);
      const before = [node.head, ...node.templateSpans.map(({ literal }) => literal)];
      if (part === PROBLEM) {
        node.templateSpans.forEach(({ expression }, at) => {
          follow(expression, before[at]!.text.endsWith('; ') ? HINT : PROBLEM);
        });
      }
    } else if (ts.isConditionalExpression(node)) {
      on(node.whenTrue);
      on(node.whenFalse);
    } else if (ts.isBinaryExpression(node)) {
      on(node.left);
      on(node.right);
    } else if (ts.isArrayLiteralExpression(node)) node.elements.forEach(on);
    else if (ts.isSpreadElement(node)) on(node.expression);
    else if (ts.isIdentifier(node)) followName(declarationOf(node), on);
    else if (ts.isCallExpression(node)) {
      const called = functionOf(declarationOf(node.expression));
      if (called) returnsOf(called).forEach(on);
      // A list that is joined, mapped or filtered.
      else if (ts.isPropertyAccessExpression(node.expression)) on(node.expression.expression);
    }
  }

  function followName(declared: ts.Node | undefined, on: (next: ts.Node | undefined) => void): void {
    if (declared && ts.isVariableDeclaration(declared)) on(declared.initializer);
    if (!declared || !ts.isParameter(declared)) return;
    on(declared.initializer);
    const place = declared.parent.parameters.indexOf(declared);
    for (const call of calls.get(declared.parent) ?? []) on(call.arguments[place]);
  }

  function returnsOf(called: ts.SignatureDeclaration): ts.Node[] {
    const { body } = called as ts.FunctionLikeDeclaration;
    if (body && !ts.isBlock(body)) return [body];
    const returned: ts.Node[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isReturnStatement(node) && node.expression) returned.push(node.expression);
      if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
    };
    if (body) ts.forEachChild(body, visit);
    return returned;
  }

  for (const message of refusals) follow(message, PROBLEM);
  for (const { arguments: parts } of errors) {
    for (const part of [PROBLEM, HINT]) if (parts?.[part]) follow(parts[part], part);
  }
  return [...found.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}
