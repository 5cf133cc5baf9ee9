/**
 * @file Makes mutants of code that is no rule, out of its syntax tree: conditions that always or never hold, operands and
 * statements that are dropped, other comparisons, signs and numbers. All mutants of a file live in one instrumented text.
 */
import ts from 'typescript';

/** One small error, planted. */
export interface CodeMutant {
  readonly id: number;
  readonly file: string;
  /** What equivalents are listed by: the file, the place in it, what stood there and what does now. */
  readonly name: string;
  readonly line: number;
}

/** What instrumented code shares with the guard that drives it. */
export interface CodeBoard {
  /** Every mutant of the modules that were loaded, by its number. */
  readonly mutants: CodeMutant[];
  /** The mutant that is active; -1 for none. */
  active: number;
  /** Collects which mutants' places are run through. */
  seen: Set<number> | null;
  /** How many more places may be run through: what does not end has none left. */
  steps: number;
  /** Whether a mutant is active; counts a step. */
  isOn(id: number): boolean;
}

/** Code whose mutants must be caught, and by which tests; of some files only what is inside the functions that are named. */
interface Target {
  readonly files: RegExp;
  readonly functions?: RegExp;
  /** Inside these nothing is: how fast they come to their result, no result tells. */
  readonly but?: RegExp;
  readonly tests: RegExp;
}

const TARGETS: readonly Target[] = [
  {
    files: /src\/nn\/module\.ts$/,
    tests: /^nn\/(walk|modules)|^golden\/modules|018-modules|compile\/identity|errors\/refusals/,
  },
  {
    files: /src\/state\.ts$/,
    tests: /^nn\/(walk|modules)|^optim\/training|018-(modules|optimizer)|020-a|errors\/refusals/,
  },
  { files: /src\/optim\/(?!index)\w+\.ts$/, tests: /^optim\/|018-(optimizer|modules)|020-a|errors\/refusals/ },
  {
    files: /src\/(watched|compile\/(recorder|arguments|contents|stand-ins|plan))\.ts$/,
    tests:
      /^compile\/(anomaly|arguments|compile|identity|plans|random-programs)|018-(plan|what-a-step)|020-a|^programs\/programs/,
  },
  {
    files: /src\/metrics\/(?!index)\w+\.ts$/,
    but: /^(eigenvalues|rotate)$/,
    tests: /^metrics\/|020-a|errors\/refusals/,
  },
  {
    files: /src\/checks\.ts$/,
    tests: /018-shape-arguments|020-a|^errors\/|^nn\/(config|layers)|^optim\/(optim|training)/,
  },
  {
    files: /src\/devices\/cpu\/reduce\.ts$/,
    functions: /^(maxAxis|argMaxAxis|shiftedSum|logSumExp|softmax)$/,
    tests: /^special|^devices\/(wasm|plain-loops)\.|^golden\/values/,
  },
  {
    files: /src\/devices\/cpu\/elementwise\.ts$/,
    functions: /^(sign|sigmoid|softplus|relu|power|where|maximum|minimum|\w+Equal|less|greater)$/,
    tests: /^special|^devices\/(wasm|plain-loops)\.|^golden\/values/,
  },
  { files: /test\/mutation\/code-planted\.ts$/, tests: /^planted$/ },
];

const targetOf = (path: string): Target | undefined => TARGETS.find(({ files }) => files.test(path));

/** Whether a source file has anything to mutate. */
export const isCodeTarget = (path: string): boolean => targetOf(path) !== undefined;

/** Whether a test file, by its path in `test`, is to look at the mutants of a source file, or of any. */
export const looksAt = (path: string, file?: string): boolean =>
  TARGETS.some(({ files, tests }) => (file === undefined || files.test(file)) && tests.test(path));

const { SyntaxKind } = ts;
const f = ts.factory;

/** Other operators; comparisons also where they are a condition. */
const COMPARISONS = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [SyntaxKind.LessThanToken, SyntaxKind.LessThanEqualsToken],
  [SyntaxKind.LessThanEqualsToken, SyntaxKind.LessThanToken],
  [SyntaxKind.GreaterThanToken, SyntaxKind.GreaterThanEqualsToken],
  [SyntaxKind.GreaterThanEqualsToken, SyntaxKind.GreaterThanToken],
]);
const ARITHMETIC = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [SyntaxKind.PlusToken, SyntaxKind.MinusToken],
  [SyntaxKind.MinusToken, SyntaxKind.PlusToken],
  [SyntaxKind.AsteriskToken, SyntaxKind.SlashToken],
  [SyntaxKind.SlashToken, SyntaxKind.AsteriskToken],
  [SyntaxKind.AsteriskAsteriskToken, SyntaxKind.AsteriskToken],
  [SyntaxKind.PlusEqualsToken, SyntaxKind.MinusEqualsToken],
  [SyntaxKind.MinusEqualsToken, SyntaxKind.PlusEqualsToken],
]);
const TESTS = new Set([
  ...COMPARISONS.keys(),
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
  SyntaxKind.InstanceOfKeyword,
]);
const EITHER = new Set([SyntaxKind.AmpersandAmpersandToken, SyntaxKind.BarBarToken, SyntaxKind.QuestionQuestionToken]);

/** Calls that may be left out, `x.reverse()` -> `x` and `Math.abs(x)` -> `x`, and those with an opposite. */
const IDLE = new Set(['reverse', 'filter', 'sort', 'detach']);
const IDLE_MATH = new Set(['abs', 'floor', 'sqrt', 'fround', 'trunc']);
const OPPOSITES = new Map([
  ['every', 'some'],
  ['some', 'every'],
  ['max', 'min'],
  ['min', 'max'],
]);

/** Whether a node is what an `if`, a loop or `? :` asks. */
function isAsked(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isParenthesizedExpression(parent) || ts.isPrefixUnaryExpression(parent)) return isAsked(parent);
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent)) return parent.expression === node;
  return (ts.isConditionalExpression(parent) || ts.isForStatement(parent)) && parent.condition === node;
}

/** The named things around a node: class and method, function, constant. */
function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at = node.parent; at; at = at.parent) {
    const isNamed =
      ts.isClassDeclaration(at) ||
      ts.isFunctionDeclaration(at) ||
      ts.isMethodDeclaration(at) ||
      ts.isAccessor(at) ||
      ts.isPropertyDeclaration(at) ||
      (ts.isVariableDeclaration(at) && at.initializer !== undefined && ts.isArrowFunction(at.initializer));
    const { name } = at as ts.NamedDeclaration;
    if (isNamed && name) names.unshift(name.getText());
    else if (ts.isConstructorDeclaration(at)) names.unshift('constructor');
  }
  return names.join('.');
}

const isText = (node: ts.Expression): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** Whether a node is inside a function, or what a field begins as: what a module does once, when it is loaded, cannot be switched. */
function isInside(node: ts.Node): boolean {
  for (let at = node.parent; at; at = at.parent) {
    if (ts.isFunctionLike(at)) return true;
    if (ts.isPropertyDeclaration(at)) return !at.modifiers?.some(({ kind }) => kind === SyntaxKind.StaticKeyword);
  }
  return false;
}

function isWithin(node: ts.Node, functions: RegExp): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    const isNamed = ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at) || ts.isVariableDeclaration(at);
    const { name } = at as ts.NamedDeclaration;
    if (isNamed && name && functions.test(name.getText())) return true;
  }
  return false;
}

/** What may stand in place of an expression: a text, and how it is made from the expression whose parts are instrumented. */
type Alternatives = [string, (inner: ts.Expression) => ts.Expression][];

function alternatives(node: ts.Expression, show: (node: ts.Node) => string): Alternatives {
  const asked = isAsked(node);
  const list: Alternatives = [];
  const { parent } = node;
  const isTop = asked && !ts.isPrefixUnaryExpression(parent) && !ts.isParenthesizedExpression(parent);
  const kind = ts.isBinaryExpression(node) ? node.operatorToken.kind : null;
  if (isTop) {
    // One operand alone says as much as a condition that always holds, or never does.
    if (kind !== SyntaxKind.AmpersandAmpersandToken && !ts.isForStatement(parent))
      list.push(['true', () => f.createTrue()]);
    if (kind !== SyntaxKind.BarBarToken) list.push(['false', () => f.createFalse()]);
  }
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node;
    const binary = (operator: ts.BinaryOperator): Alternatives[number] => [
      `${show(left)} ${ts.tokenToString(operator)} ${show(right)}`,
      (inner) => {
        const parts = inner as ts.BinaryExpression;
        return f.createParenthesizedExpression(f.createBinaryExpression(parts.left, operator, parts.right));
      },
    ];
    if (EITHER.has(operatorToken.kind)) {
      list.push([show(left), (inner) => (inner as ts.BinaryExpression).left]);
      list.push([show(right), (inner) => (inner as ts.BinaryExpression).right]);
    }
    const comparison = COMPARISONS.get(operatorToken.kind);
    if (comparison !== undefined) list.push(binary(comparison));
    if (TESTS.has(operatorToken.kind) && !asked) {
      list.push([`!(${show(node)})`, (inner) => f.createLogicalNot(f.createParenthesizedExpression(inner))]);
    }
    const other = ARITHMETIC.get(operatorToken.kind);
    if (other !== undefined && !isText(left) && !isText(right)) list.push(binary(other));
  } else if (ts.isPrefixUnaryExpression(node) && !asked) {
    const isSign = node.operator === SyntaxKind.ExclamationToken || node.operator === SyntaxKind.MinusToken;
    if (isSign) list.push([show(node.operand), (inner) => (inner as ts.PrefixUnaryExpression).operand]);
  } else if (ts.isNumericLiteral(node)) {
    list.push([String(Number(node.text) + 1), () => f.createNumericLiteral(Number(node.text) + 1)]);
  } else if (node.kind === SyntaxKind.TrueKeyword || node.kind === SyntaxKind.FalseKeyword) {
    const isTrue = node.kind === SyntaxKind.TrueKeyword;
    list.push([String(!isTrue), () => (isTrue ? f.createFalse() : f.createTrue())]);
  } else if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
    const { expression: owner, name } = node.expression;
    const isMath = show(owner) === 'Math';
    const opposite = OPPOSITES.get(name.text);
    if (isMath && IDLE_MATH.has(name.text)) {
      list.push([show(node.arguments[0]!), (inner) => (inner as ts.CallExpression).arguments[0]!]);
    } else if (!isMath && IDLE.has(name.text)) {
      const receiver = (inner: ts.Expression): ts.Expression =>
        ((inner as ts.CallExpression).expression as ts.PropertyAccessExpression).expression;
      list.push([show(owner), receiver]);
    } else if (opposite !== undefined) {
      const turned = (inner: ts.Expression): ts.Expression => {
        const call = inner as ts.CallExpression;
        const { expression } = call.expression as ts.PropertyAccessExpression;
        return f.createCallExpression(
          f.createPropertyAccessExpression(expression, opposite),
          undefined,
          call.arguments,
        );
      };
      list.push([`${show(owner)}.${opposite}(${node.arguments.map(show).join(', ')})`, turned]);
    }
  } else if (ts.isNewExpression(node) && show(node.expression) === 'Set' && node.arguments?.length === 1) {
    const isRead = ts.isSpreadElement(parent) || ts.isForOfStatement(parent);
    if (isRead) list.push([show(node.arguments[0]!), (inner) => (inner as ts.NewExpression).arguments![0]!]);
  }
  return list;
}

/** Whether a statement can be left out. */
function canGo(node: ts.Node): node is ts.Statement {
  if (ts.isThrowStatement(node)) return ts.isBlock(node.parent) && !ts.isIfStatement(node.parent.parent);
  return (
    ts.isExpressionStatement(node) &&
    !(ts.isCallExpression(node.expression) && node.expression.expression.kind === SyntaxKind.SuperKeyword)
  );
}

/** The text with every mutant built in, and the list of them; the first has the number `first`. */
export function instrumentCode(path: string, text: string, first: number): { text: string; mutants: CodeMutant[] } {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const printer = ts.createPrinter({ removeComments: true });
  const show = (node: ts.Node): string => printer.printNode(ts.EmitHint.Unspecified, node, source).replace(/\s+/g, ' ');
  const file = path.replace(/^.*\/(src|test)\//, '$1/');
  const { functions = null, but = null } = targetOf(path) ?? {};
  const mutants: CodeMutant[] = [];
  const named = new Map<string, number>();

  const transformed = ts.transform(source, [
    (context) => (root) => {
      /** `board.isOn(id)`, of a mutant that it adds to the list. */
      const isOn = (node: ts.Node, original: string, mutated: string): ts.Expression => {
        const plain = `${file} ${placeOf(node)}: ${original} -> ${mutated}`;
        const times = (named.get(plain) ?? 0) + 1;
        named.set(plain, times);
        const id = first + mutants.length;
        const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
        mutants.push({ id, file, line, name: times === 1 ? plain : `${plain} (${times})` });
        return f.createCallExpression(f.createIdentifier('__board.isOn'), undefined, [f.createNumericLiteral(id)]);
      };
      /** A number or an operand says little without what is around it. */
      const described = (node: ts.Node): string =>
        ts.isNumericLiteral(node) || isAsked(node) || show(node).length < 8
          ? `${show(node)} in ${show(node.parent).replace(/(?<=^.{80}).*$/, '…')}`
          : show(node);

      const visit = (node: ts.Node): ts.Node => {
        if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isTemplateExpression(node)) return node;
        if (but !== null && isWithin(node, but)) return node;
        const isTarget = isInside(node) && (functions === null || isWithin(node, functions));
        if (!isTarget) return ts.visitEachChild(node, visit, context);
        if (canGo(node)) {
          const inner = ts.isThrowStatement(node) ? node : ts.visitEachChild(node, visit, context);
          const unless = f.createLogicalNot(isOn(node, show(node), 'nothing'));
          // In a block: an `else` that follows is not its own.
          return f.createBlock([f.createIfStatement(unless, f.createBlock([inner]))]);
        }
        if (ts.isThrowStatement(node)) return node;
        if (ts.isForOfStatement(node)) {
          const inner = ts.visitEachChild(node, visit, context);
          const none = isOn(node.expression, `of ${show(node.expression)}`, 'of []');
          const list = f.createConditionalExpression(
            none,
            undefined,
            f.createArrayLiteralExpression(),
            undefined,
            inner.expression,
          );
          return f.updateForOfStatement(inner, inner.awaitModifier, inner.initializer, list, inner.statement);
        }
        if (ts.isForStatement(node)) {
          const { initializer, condition, statement } = node;
          // A counter that does not move says no more than a loop that does not end.
          return f.updateForStatement(
            node,
            initializer && (visit(initializer) as ts.ForInitializer),
            condition && (visit(condition) as ts.Expression),
            node.incrementor,
            visit(statement) as ts.Statement,
          );
        }
        const inner = ts.visitEachChild(node, visit, context);
        const isName = node.parent && 'name' in node.parent && node.parent.name === node;
        if (!ts.isExpression(node) || isName) return inner;
        const made = alternatives(node, show);
        return made.reduceRight<ts.Expression>((rest, [mutated, make]) => {
          const on = isOn(node, described(node), mutated);
          return f.createParenthesizedExpression(
            f.createConditionalExpression(on, undefined, make(inner as ts.Expression), undefined, rest),
          );
        }, inner as ts.Expression);
      };
      return ts.visitEachChild(root, visit, context);
    },
  ]).transformed[0]!;

  const header = `
    const __board: any = (globalThis as any).__code;
    for (const mutant of ${JSON.stringify(mutants)}) __board.mutants[mutant.id] = mutant;
  `;
  return { text: `${header}\n${printer.printFile(transformed)}`, mutants };
}
