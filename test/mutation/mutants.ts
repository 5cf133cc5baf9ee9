/**
 * @file Makes mutants out of source text by its syntax tree: of every pull-back, of the losses, of un-broadcasting and of
 * accumulation. All mutants of a file live in one instrumented text; a global switch chooses the one that is active.
 */
import ts from 'typescript';

/** One small error, planted. */
export interface Mutant {
  readonly id: string;
  readonly target: 'pull-back' | 'loss' | 'engine';
  /** The function or rule that it is in. */
  readonly where: string;
  readonly original: string;
  readonly mutated: string;
}

/** What instrumented code shares with the test that drives it. */
export interface Switchboard {
  /** Every mutant of the modules that were loaded. */
  mutants?: Mutant[];
  /** The mutant that is active. */
  active?: string | null;
  /** Collects which mutants' places are run through. */
  seen?: Set<string>;
}

const f = ts.factory;

/** The replacements of a call of a tensor function, as lists of [callee, arguments] or a lone argument. */
const CALLS: Record<string, (args: readonly ts.Expression[]) => (ts.Expression | [string, ts.Expression[]])[]> = {
  mul: ([a, b]) => [...lone(a!), ...lone(b!)],
  add: ([a, b]) => [...lone(a!), ...lone(b!), ['sub', [a!, b!]]],
  sub: ([a, b]) => [
    ['sub', [b!, a!]],
    ['add', [a!, b!]],
  ],
  div: ([a, b]) => [['div', [b!, a!]], ['mul', [a!, b!]], ...lone(a!)],
  neg: ([x]) => [x!],
  square: ([x]) => [x!],
  relu: ([x]) => [x!],
  safeSqrt: ([x]) => [x!],
  softplus: ([x]) => [x!],
  sum: ([x, ...rest]) => [['mean', [x!, ...rest]]],
  mean: ([x, ...rest]) => [['sum', [x!, ...rest]]],
  where: ([c, a, b]) => [['where', [c!, b!, a!]]],
  matmul: ([a, b, ...rest]) => [['matmul', [b!, a!, ...rest]]],
  product: ([a, b, ...rest]) => [['product', [b!, a!, ...rest]]],
  greater: ([a, b]) => [['less', [a!, b!]]],
  less: ([a, b]) => [['greater', [a!, b!]]],
  equal: ([a, b]) => [['notEqual', [a!, b!]]],
  pow: ([a, b]) => [['pow', [b!, a!]], a!],
  exp: ([x]) => [x!],
  log: ([x]) => [x!],
  unbroadcast: ([g]) => [g!],
  toUnitLength: ([x]) => [x!],
  transpose: ([x]) => [x!],
};

const OPERATORS = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [ts.SyntaxKind.PlusToken, ts.SyntaxKind.MinusToken],
  [ts.SyntaxKind.MinusToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.AsteriskToken, ts.SyntaxKind.PlusToken],
  [ts.SyntaxKind.SlashToken, ts.SyntaxKind.AsteriskToken],
  [ts.SyntaxKind.LessThanToken, ts.SyntaxKind.GreaterThanToken],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ts.SyntaxKind.EqualsEqualsEqualsToken],
  [ts.SyntaxKind.BarBarToken, ts.SyntaxKind.AmpersandAmpersandToken],
  [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken],
]);

/** An operand in place of the whole: not where it is a number, which no tensor is. */
function lone(x: ts.Expression): ts.Expression[] {
  return ts.isNumericLiteral(x) || (ts.isIdentifier(x) && /^(margin|eps|value|slope|n)$/.test(x.text)) ? [] : [x];
}

/** Checks of arguments, messages and the odds of drawing a negative are no part of a gradient. */
const CHECKS = /^(check|require|nothing|as[A-Z]|group$|isSame$|logWeights$)/;

/** Helpers of pull-backs, by name. */
const HELPERS = new Set(['share', 'pulls', 'moveBack']);

function nameOf(node: ts.Node): string {
  const named =
    ts.isVariableDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isPropertyAssignment(node) ||
    ts.isMethodDeclaration(node);
  return named && node.name && ts.isIdentifier(node.name) ? node.name.text : '';
}

function targetOf(path: string, node: ts.Node): Mutant['target'] | null {
  const text = nameOf(node);
  if (path.includes('/losses/')) return ts.isFunctionDeclaration(node) && !CHECKS.test(text) ? 'loss' : null;
  if (path.endsWith('/backward.ts')) return text === 'propagate' || text === 'backward' ? 'engine' : null;
  if (text === 'unbroadcast') return 'engine';
  if (HELPERS.has(text)) return 'pull-back';
  if ((ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && text === 'pullBack') return 'pull-back';
  const { parent } = node;
  if (parent === undefined) return null;
  const isLast = ts.isCallExpression(parent) && parent.arguments.at(-1) === node && ts.isArrowFunction(node);
  return isLast && ts.isIdentifier(parent.expression) && parent.expression.text === 'unary' ? 'pull-back' : null;
}

/** The name of the outermost constant or function around a node. */
function placeOf(node: ts.Node): string {
  let place = '?';
  for (let at = node; at; at = at.parent) {
    if (ts.isVariableDeclaration(at) || ts.isFunctionDeclaration(at)) place = nameOf(at);
  }
  return place;
}

/** Whether a source file has anything to mutate. */
export function isTarget(path: string): boolean {
  return (
    /src\/(ops\/(?!index|methods)|losses\/(?!index)|autograd\/(linear|backward)\.ts)/.test(path) ||
    path.endsWith('mutation/planted.ts')
  );
}

/** The text with every mutant built in, and the list of them. */
export function instrument(path: string, text: string): { text: string; mutants: Mutant[] } {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const printer = ts.createPrinter({ removeComments: true });
  const mutants: Mutant[] = [];
  const show = (node: ts.Node): string => printer.printNode(ts.EmitHint.Unspecified, node, source).replace(/\s+/g, ' ');
  /** A number says little without what is around it. */
  const described = (node: ts.Node): string =>
    ts.isNumericLiteral(node) ? `${node.text} in ${show(node.parent)}` : show(node);
  const needed = new Set<string>();
  const file = path.replace(/^.*\/(src|test)\//, '$1/');

  const transformed = ts.transform(source, [
    (context) => (root) => {
      /** `__mutant(id) ? alternative : original`, once for each alternative. */
      const choose = (
        node: ts.Node,
        target: Mutant['target'],
        original: ts.Expression,
        alternatives: [string, ts.Expression][],
      ): ts.Expression => {
        const made = alternatives.map(([mutated, expression]) => {
          const id = `${file}#${mutants.length}`;
          mutants.push({ id, target, where: placeOf(node), original: described(node), mutated });
          return { id, expression };
        });
        return made.reduceRight<ts.Expression>((rest, { id, expression }) => {
          const isActive = f.createCallExpression(f.createIdentifier('__mutant'), undefined, [
            f.createStringLiteral(id),
          ]);
          return f.createParenthesizedExpression(
            f.createConditionalExpression(isActive, undefined, expression, undefined, rest),
          );
        }, original);
      };

      const visit = (node: ts.Node, target: Mutant['target'] | null): ts.Node => {
        const here = target ?? targetOf(path, node);
        if (here === null) return ts.visitEachChild(node, (child) => visit(child, here), context);
        if (ts.isThrowStatement(node) || ts.isTypeNode(node) || ts.isStringLiteral(node)) return node;
        if (ts.isIfStatement(node)) {
          return f.updateIfStatement(
            node,
            node.expression,
            visit(node.thenStatement, here) as ts.Statement,
            node.elseStatement && (visit(node.elseStatement, here) as ts.Statement),
          );
        }
        if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
          const callee = node.expression.text;
          if (callee !== 'group' && CHECKS.test(callee)) return node;
          const inner = ts.visitEachChild(node, (child) => visit(child, here), context);
          const build = CALLS[callee];
          // The engine's own walk has calls that are not about gradients.
          if (!build || (here === 'engine' && !['add', 'unbroadcast', 'sum'].includes(callee))) return inner;
          const names = build(node.arguments).map((change) =>
            Array.isArray(change) ? `${change[0]}(${change[1].map(show).join(', ')})` : show(change),
          );
          const expressions = build(inner.arguments).map((change) => {
            if (!Array.isArray(change)) return change;
            needed.add(change[0]);
            return f.createCallExpression(
              f.createIdentifier(change[0] === callee ? callee : `__${change[0]}`),
              undefined,
              change[1],
            );
          });
          return choose(
            node,
            here,
            inner,
            names.map((name, i) => [name, expressions[i]!]),
          );
        }
        const isEngineWalk = path.endsWith('/backward.ts');
        if (ts.isNumericLiteral(node) && !isEngineWalk && !ts.isPropertyAssignment(node.parent.parent ?? node)) {
          const changed = Number(node.text) + 1;
          return choose(node, here, node, [[String(changed), f.createNumericLiteral(changed)]]);
        }
        if (
          !isEngineWalk &&
          (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) &&
          here === 'pull-back'
        ) {
          const changed = node.kind === ts.SyntaxKind.TrueKeyword ? f.createFalse() : f.createTrue();
          return choose(node, here, node as ts.Expression, [[show(changed), changed]]);
        }
        if (
          ts.isPrefixUnaryExpression(node) &&
          node.operator === ts.SyntaxKind.ExclamationToken &&
          here === 'pull-back'
        ) {
          return choose(node, here, node, [[show(node.operand), node.operand]]);
        }
        if (ts.isBinaryExpression(node) && !isEngineWalk) {
          const inner = ts.visitEachChild(node, (child) => visit(child, here), context);
          const changed = OPERATORS.get(node.operatorToken.kind);
          const numeric =
            here !== 'loss' ||
            ![ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken].includes(
              node.operatorToken.kind,
            );
          if (changed === undefined || !numeric) return inner;
          const alternative = f.createBinaryExpression(inner.left, changed, inner.right);
          return choose(node, here, inner, [
            [
              `${show(node.left)} ${ts.tokenToString(changed)} ${show(node.right)}`,
              f.createParenthesizedExpression(alternative),
            ],
          ]);
        }
        // The gradient itself: scaled a little, and turned around.
        if (ts.isArrowFunction(node) && !ts.isBlock(node.body) && here === 'pull-back' && isPullBack(node)) {
          const body = visit(node.body, here) as ts.Expression;
          const times = (factor: number): ts.Expression =>
            f.createCallExpression(f.createIdentifier('__scaled'), undefined, [
              body,
              factor < 0
                ? f.createPrefixUnaryExpression(ts.SyntaxKind.MinusToken, f.createNumericLiteral(-factor))
                : f.createNumericLiteral(factor),
            ]);
          const chosen = choose(
            node.body,
            here,
            body,
            [1.001, -1].map((factor) => [`${show(node.body)} x ${factor}`, times(factor)]),
          );
          return f.updateArrowFunction(
            node,
            node.modifiers,
            node.typeParameters,
            node.parameters,
            node.type,
            node.equalsGreaterThanToken,
            chosen,
          );
        }
        if (ts.isReturnStatement(node) && node.expression && here !== 'engine' && returnsTensor(node)) {
          const value = visit(node.expression, here) as ts.Expression;
          const scaled = f.createCallExpression(f.createIdentifier('__scaled'), undefined, [
            value,
            f.createNumericLiteral(1.001),
          ]);
          return f.updateReturnStatement(
            node,
            choose(node.expression, here, value, [[`${show(node.expression)} x 1.001`, scaled]]),
          );
        }
        return ts.visitEachChild(node, (child) => visit(child, here), context);
      };
      return visit(root, null) as ts.SourceFile;
    },
  ]).transformed[0]!;

  if (mutants.length === 0) return { text, mutants };
  const methods = [...needed].filter((name) => name !== 'product' && name !== 'unbroadcast');
  const header = `
    const __board: any = ((globalThis as any).__mutation ??= {});
    (__board.mutants ??= []).push(...${JSON.stringify(mutants)});
    const __mutant = (id: string): boolean => { __board.seen?.add(id); return __board.active === id; };
    const __scaled = (x: any, factor: number): any => x.mul(factor);
    const __lift = (a: any, b: any): any => (typeof a === 'number' ? b.detach().mul(0).add(a) : a);
    ${methods.map((name) => `const __${name} = (a: any, ...rest: any[]): any => __lift(a, rest[0]).${name}(...rest);`).join('\n')}
  `;
  return { text: `${header}\n${printer.printFile(transformed)}`, mutants };
}

/** An entry of a rule's pullBack, or the last argument of `unary`. */
function isPullBack(node: ts.ArrowFunction): boolean {
  const { parent } = node;
  return (
    ts.isArrayLiteralExpression(parent) ||
    (ts.isCallExpression(parent) &&
      parent.arguments.at(-1) === node &&
      ts.isIdentifier(parent.expression) &&
      parent.expression.text === 'unary') ||
    ts.isVariableDeclaration(parent)
  );
}

/** A return of a function whose result is written to be a tensor. */
function returnsTensor(node: ts.ReturnStatement): boolean {
  let at: ts.Node = node;
  while (!ts.isFunctionLike(at)) at = at.parent;
  return at.type?.getText() === 'Tensor';
}
