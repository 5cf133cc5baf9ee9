/** @file Variants of a valid call, each with one fault: garbage in one place, an unknown option, an argument too few or too many. */
import ts from 'typescript';
import { EXTRA, GARBAGE, UNKNOWN_OPTIONS } from './garbage.js';

/** What is done to a call; `valid` is the call itself. */
export type Fault = 'valid' | 'garbage' | 'unknown option' | 'left out' | 'extra argument';

/** One call. */
export interface Variant {
  /** The name of what is called, as the table has it. */
  readonly covers: string;
  readonly fault: Fault;
  /** Where, and what stands there now, for example `.axis = NaN`. */
  readonly change: string;
  /** The whole call, in TypeScript. */
  readonly text: string;
  /** The valid call that it is made of. */
  readonly row: string;
  /** What decides whether TypeScript takes it: what comes to the place in the row from `start` to `end`. */
  readonly decided: { readonly start: number; readonly end: number; readonly by: string } | undefined;
}

/** A change of a text: `insert` in place of what stands from `start` to `end`. */
interface Edit {
  readonly fault: Fault;
  readonly change: string;
  readonly start: number;
  readonly end: number;
  readonly insert: string;
  readonly decided?: Variant['decided'];
}

type Called = ts.CallExpression | ts.NewExpression | ts.BinaryExpression;

/** The outermost call, construction or assignment of a text. */
function parsed(text: string): { file: ts.SourceFile; call: Called } {
  const file = ts.createSourceFile('call.ts', text, ts.ScriptTarget.ES2022, true);
  const [statement] = file.statements;
  const call = statement && ts.isExpressionStatement(statement) ? statement.expression : undefined;
  if (call && (ts.isCallExpression(call) || ts.isNewExpression(call) || ts.isBinaryExpression(call))) {
    return { file, call };
  }
  throw new Error(`no call, construction or assignment: ${text}`);
}

/** Garbage in place of a value, and in what it holds. */
function garbageIn(node: ts.Node, place: string): Edit[] {
  const [start, end] = [node.getStart(), node.end];
  const edits = GARBAGE.filter((insert) => insert !== node.getText()).map((insert): Edit => {
    const decided = { start, end, by: insert };
    return { fault: 'garbage', change: `${place} = ${insert}`, start, end, insert, decided };
  });
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) {
    edits.push(...garbageIn(node.elements[0]!, `${place}[0]`));
  }
  if (ts.isObjectLiteralExpression(node)) edits.push(...optionEdits(node, place));
  return edits;
}

/** What can be wrong within an object of options. */
function optionEdits(node: ts.ObjectLiteralExpression, place: string): Edit[] {
  const decided = (by: string): Variant['decided'] => ({ start: node.getStart(), end: node.end, by });
  const names = node.properties.map((property) => property.name!.getText());
  const edits = UNKNOWN_OPTIONS.filter((option) => !names.includes(option.split(':')[0]!)).map(
    (option): Edit => ({
      fault: 'unknown option',
      change: `${place} with ${option}`,
      start: node.getStart() + 1,
      end: node.getStart() + 1,
      insert: node.properties.length > 0 ? ` ${option},` : ` ${option} `,
      decided: decided(`with ${option}`),
    }),
  );
  for (const [i, property] of node.properties.entries()) {
    const next = node.properties[i + 1]?.getStart() ?? node.properties.end;
    const name = names[i]!;
    const at = `${place}.${name}`;
    const [start, end] = [property.getStart(), next];
    const change = `without ${at}`;
    edits.push({ fault: 'left out', change, start, end, insert: '', decided: decided(`without ${name}`) });
    if (ts.isPropertyAssignment(property)) edits.push(...garbageIn(property.initializer, at));
    else {
      edits.push(...garbageIn(property, at).map((edit) => ({ ...edit, insert: `${name}: ${edit.insert}` })));
    }
  }
  return edits;
}

/** Arguments too few or too many. */
function countEdits(call: ts.CallExpression | ts.NewExpression): Edit[] {
  const list = call.arguments ?? ts.factory.createNodeArray<ts.Expression>();
  const edits: Edit[] = [];
  for (let i = 0; i < list.length; i++) {
    const start = list[i]!.getStart();
    edits.push({ fault: 'left out', change: `without argument ${i} and on`, start, end: list.end, insert: '' });
    const next = list[i + 1]?.getStart();
    if (next !== undefined)
      edits.push({ fault: 'left out', change: `without argument ${i}`, start, end: next, insert: '' });
  }
  const close = call.end - 1;
  for (const extra of EXTRA) {
    const insert = list.length > 0 ? `, ${extra}` : extra;
    edits.push({ fault: 'extra argument', change: `and ${extra}`, start: close, end: close, insert });
  }
  return edits;
}

/** A call, and all of its variants. */
export function variantsOf(covers: string, text: string): Variant[] {
  const { call } = parsed(text);
  const edits = ts.isBinaryExpression(call)
    ? garbageIn(call.right, 'value')
    : [...(call.arguments ?? []).flatMap((argument, i) => garbageIn(argument, `argument ${i}`)), ...countEdits(call)];
  return [
    { covers, fault: 'valid', change: 'as it is', text, row: text, decided: undefined },
    ...edits.map(
      ({ fault, change, start, end, insert, decided }): Variant => ({
        covers,
        fault,
        change,
        row: text,
        decided,
        text: text.slice(0, start) + insert + text.slice(end),
      }),
    ),
  ];
}
