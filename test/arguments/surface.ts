/** @file What is public, by TypeScript: functions, constructors, methods and setters, and the options that they have. */
import { relative } from 'node:path';
import ts from 'typescript';
import type { Typed } from './admitted.js';
import { ENTRIES } from './library.js';
import type { Variant } from './variants.js';

const HIDDEN = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;

const isInternal = (node: ts.Node | undefined): boolean =>
  node !== undefined && ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal');

/** What is looked at while names are collected. */
interface Look {
  readonly checker: ts.TypeChecker;
  /** The classes that are exported: what a class inherits from another of them is named there. */
  readonly classes: ReadonlySet<ts.Symbol>;
}

/** The classes above one. */
function basesOf(checker: ts.TypeChecker, derived: ts.Symbol): ts.Symbol[] {
  const bases: readonly Partial<ts.Type>[] = checker.getBaseTypes(
    checker.getDeclaredTypeOfSymbol(derived) as ts.InterfaceType,
  );
  return bases.flatMap(({ symbol }) => (symbol === undefined ? [] : [symbol, ...basesOf(checker, symbol)]));
}

/** The methods and setters of a class, but those of a class above it that is exported itself. */
function membersOf({ checker, classes }: Look, symbol: ts.Symbol, name: string): string[] {
  const above = basesOf(checker, symbol).filter((base) => classes.has(base));
  const inherited = new Set(above.flatMap((base) => namesIn(checker, base)));
  return checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).flatMap((member) => {
    const declarations = member.declarations ?? [];
    const isOwn = declarations.some(({ parent }) => {
      const owner = ts.isClassDeclaration(parent) ? checker.getSymbolAtLocation(parent.name!) : undefined;
      return owner === symbol || (owner !== undefined && !classes.has(owner));
    });
    const isHidden = declarations.some(
      (node) => (ts.getCombinedModifierFlags(node) & HIDDEN) !== 0 || isInternal(node),
    );
    if ((inherited.has(member.name) && !isOwn) || isHidden || /^(__[@#]|#)/.test(member.name)) return [];
    if (declarations.some(ts.isSetAccessor)) return [`${name}#${member.name}=`];
    return isCallable(checker, member) ? [`${name}#${member.name}`] : [];
  });
}

const namesIn = (checker: ts.TypeChecker, symbol: ts.Symbol): string[] =>
  checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol)).map(({ name }) => name);

const isCallable = (checker: ts.TypeChecker, symbol: ts.Symbol): boolean =>
  checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;

/** What an export is, and not what it is exported as. */
const meant = (checker: ts.TypeChecker, exported: ts.Symbol): ts.Symbol =>
  exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;

/** Every value that an entry exports, with its name. */
function valuesOf(checker: ts.TypeChecker, module: ts.Symbol, prefix: string): [string, ts.Symbol][] {
  return checker.getExportsOfModule(module).flatMap((exported): [string, ts.Symbol][] => {
    const [symbol, name] = [meant(checker, exported), prefix + exported.name];
    if (symbol.flags & ts.SymbolFlags.ValueModule) return valuesOf(checker, symbol, `${name}.`);
    return symbol.flags & ts.SymbolFlags.Value ? [[name, symbol]] : [];
  });
}

/** What a value can be called, constructed and set by. */
function namesOf(look: Look, symbol: ts.Symbol, name: string): string[] {
  const { checker } = look;
  if (symbol.flags & ts.SymbolFlags.Class) {
    const { members } = symbol.valueDeclaration as ts.ClassDeclaration;
    return [...(isInternal(members.find(ts.isConstructorDeclaration)) ? [] : [name]), ...membersOf(look, symbol, name)];
  }
  if (isCallable(checker, symbol)) return [name];
  const type = checker.getTypeOfSymbol(symbol);
  // The methods of a device are called by the engine alone, and those of texts and numbers are not ours.
  if (checker.typeToString(type) === 'Device' || (type.flags & ts.TypeFlags.Object) === 0) return [];
  const inner = checker.getPropertiesOfType(type).filter((property) => isCallable(checker, property));
  return inner.map((property) => `${name}.${property.name}`);
}

/** The names of everything public that can be called, constructed or set. */
export function publicNames(program: ts.Program): string[] {
  const checker = program.getTypeChecker();
  const values = Object.entries(ENTRIES).flatMap(([path, prefix]) =>
    valuesOf(checker, checker.getSymbolAtLocation(program.getSourceFile(path)!)!, prefix),
  );
  const classes = new Set(values.map(([, symbol]) => symbol).filter(({ flags }) => flags & ts.SymbolFlags.Class));
  return values.flatMap(([name, symbol]) => namesOf({ checker, classes }, symbol, name));
}

/** The options that the calls of the table do not name: `softmax lacks axis`. */
export function unnamedOptions({ program, calls }: Typed, rows: readonly Variant[]): string[] {
  const checker = program.getTypeChecker();
  const options = new Map<string, Map<string, boolean>>();
  const visit = (node: ts.Node, covers: string): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const known = options.get(covers) ?? new Map<string, boolean>();
      options.set(covers, known);
      const type = checker.getContextualType(node);
      for (const { name } of type ? checker.getPropertiesOfType(checker.getNonNullableType(type)) : []) {
        known.set(name, known.get(name) ?? false);
      }
      for (const { name } of node.properties) known.set(name!.getText(), true);
    }
    const isOther = ts.isFunctionLike(node) || ts.isCallExpression(node) || ts.isNewExpression(node);
    if (!isOther) ts.forEachChild(node, (child) => visit(child, covers));
  };
  for (const { text, covers } of rows) {
    const call = calls.get(text)!;
    const values = ts.isBinaryExpression(call) ? [call.right] : (call as ts.CallExpression).arguments;
    for (const value of values) visit(value, covers);
  }
  return [...options].flatMap(([covers, known]) =>
    [...known].filter(([, isNamed]) => !isNamed).map(([name]) => `${covers} lacks ${name}`),
  );
}

/** The file where what a call calls is written. */
export function fileOf({ program }: Typed, call: ts.Expression): string {
  const checker = program.getTypeChecker();
  const declaration = ts.isBinaryExpression(call)
    ? checker.getSymbolAtLocation((call.left as ts.PropertyAccessExpression).name)?.valueDeclaration
    : checker.getResolvedSignature(call as ts.CallExpression)?.declaration;
  const file = declaration?.getSourceFile().fileName;
  if (file === undefined || file.endsWith('generated.ts')) return 'elsewhere';
  return relative(process.cwd(), file);
}
