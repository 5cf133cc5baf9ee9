/** @file What the types refuse: a wrong line must have an error of its own, and a right one none. */
import { resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import * as losses from '../../src/losses/index.js';

/** Declarations that the lines share. */
const BEFORE = `import {
  batchTripletLoss, compile, contrastiveLoss, conventions, defineOp, infoNCELoss, nn, optim, tensor, type Tensor, tripletLoss,
} from '../../src/index.js';
import * as losses from '../../src/losses/index.js';
declare const [a, b]: [Tensor, Tensor];
declare function before<Fn extends (...args: never) => Tensor>(
  loss: Fn,
): Required<Parameters<Fn>> extends [...infer Arguments, unknown] ? Arguments : never;
type Pair = readonly [Tensor, Tensor];
const tex = { name: 'f', formula: 'y', forward: ([x, y]: Pair) => x.mul(y) };
const op = defineOp<Pair>({ ...tex, localDerivative: ['', ''], pullBack: [(g) => g, (g) => g] });
const shifted = defineOp<readonly [Tensor], { by: number }>({ ...tex, forward: ([x], { by }) => x.add(by), localDerivative: [''], pullBack: [(g) => g] });
const step = compile((x: Tensor, { views: [p, q] }: { views: readonly [Tensor, Tensor] }) => [x.add(p), { q }] as const);
const plain = compile((x: Tensor, weight: number) => x.mul(weight));`;

/** Lines that must compile. */
const RIGHT = [
  'a.matmul(b, { transposeA: true }).relu().sum({ axis: [0, 1], keepDims: true }).item().toFixed(2);',
  'a.where(b, 0).concat([b, b], { axis: 1 }).split([1, 2])[0]!.mul(2);',
  'op([a, b]).add(1);',
  'shifted([a], { by: 2 }).backward();',
  "defineOp<Pair>({ ...tex, localDerivative: '', pullBack: [(g, { inputs: [, y] }) => g.mul(y), 'nonDifferentiable'] });",
  'step(a, { views: [a, b] })[1].q.item();',
  'plain(a, 2).item();',
  'infoNCELoss(a, b, { temperature: a, negatives: b, symmetric: false });',
  'contrastiveLoss(a, b, [0, 1], { distance: { p: 1 }, ...conventions.contrastive.keras });',
  'new nn.Sequential(new nn.Linear(2, 3, { bias: false }), new nn.Tanh()).forward(a).sum();',
];

/** Lines that must not, each with what the compiler says of it. */
const WRONG: [title: string, line: string, message: RegExp][] = [
  ['a method that does not exist', 'a.matmull(b);', /'matmull' does not exist/],
  ['a number for a matrix', 'a.matmul(2);', /'number' is not assignable to parameter of type 'Tensor'/],
  ['a missing argument', 'a.gather();', /Expected 1-2 arguments/],
  ['an argument too many', 'a.relu(b);', /Expected 0 arguments/],
  ['a positional option', 'a.sum(0);', /'0' has no properties in common/],
  ['a typo in an option', 'a.sum({ axes: 0 });', /'axes' does not exist in type 'ReduceOptions'/],
  ['an option of another type', "a.sum({ keepDims: 'yes' });", /'string' is not assignable to type 'boolean/],
  ['a type that does not exist', "a.cast('float16');", /"float16"' is not assignable/],
  ['text as an element', "tensor(['1']);", /'string' is not assignable/],
  ['what comes of a list', 'a.split(1).mul(2);', /'mul' does not exist on type 'Tensor\[\]'/],
  ['what comes of a number', 'a.sum().item().mul(2);', /'mul' does not exist on type 'number'/],
  ['a gradient that may be missing', 'a.grad.mul(2);', /'a.grad' is possibly 'null'/],
  ['a shape that is written to', 'a.shape[0] = 1;', /only permits reading/],
  [
    'a missing pull-back',
    "defineOp<Pair>({ ...tex, localDerivative: ['', ''], pullBack: [(g) => g] });",
    /is not assignable to type 'readonly \[.*PullBack/,
  ],
  [
    'a pull-back too many',
    "defineOp<Pair>({ ...tex, localDerivative: ['', ''], pullBack: [(g) => g, (g) => g, (g) => g] });",
    /is not assignable to type 'readonly \[.*PullBack/,
  ],
  [
    'a missing line of TeX',
    "defineOp<Pair>({ ...tex, localDerivative: [''], pullBack: [(g) => g, (g) => g] });",
    /Type '\[string\]' is not assignable/,
  ],
  [
    'a pull-back that returns no tensor',
    "defineOp<Pair>({ ...tex, localDerivative: '', pullBack: [(g) => g, () => 0] });",
    /'number' is not assignable to type 'Tensor'/,
  ],
  [
    'a third input in a pull-back of two',
    "defineOp<Pair>({ ...tex, localDerivative: '', pullBack: [(g, { inputs }) => g.mul(inputs[2]), (g) => g] });",
    /has no element at index '2'/,
  ],
  ['one input of two', 'op([a]);', /Source has 1 element\(s\) but target requires 2/],
  ['inputs that are no tuple', 'op(a, b);', /Expected 1 arguments, but got 2/],
  ['attributes where there are none', 'op([a, b], 1);', /Expected 1 arguments, but got 2/],
  ['attributes that are missing', 'shifted([a]);', /Expected 2 arguments, but got 1/],
  ['an attribute of another name', 'shifted([a], { to: 1 });', /'to' does not exist/],
  ['a missing argument of a step', 'plain(a);', /Expected 2 arguments, but got 1/],
  [
    'an argument of a step of another type',
    "plain(a, '2');",
    /'string' is not assignable to parameter of type 'number'/,
  ],
  [
    'a nested argument of another length',
    'step(a, { views: [a] });',
    /Source has 1 element\(s\) but target requires 2/,
  ],
  ['what a step does not return', 'step(a, { views: [a, b] })[2];', /no element at index '2'/],
  [
    'a nested result as another type',
    'step(a, { views: [a, b] })[1].q.toFixed();',
    /'toFixed' does not exist on type 'Tensor'/,
  ],
  ['a plan that is written to', 'step.plan = null;', /read-only property/],
  ['a typo in the options of InfoNCE', 'infoNCELoss(a, b, { temprature: 1 });', /Did you mean to write 'temperature'/],
  [
    'a typo in the options of the triplet loss',
    'tripletLoss(a, b, b, { marginn: 1 });',
    /Did you mean to write 'margin'/,
  ],
  ['a reduction that does not exist', "contrastiveLoss(a, b, [0], { reduction: 'max' });", /"max"' is not assignable/],
  ['a mining that does not exist', "batchTripletLoss(a, [0], { mining: 'easy' });", /"easy"' is not assignable/],
  ['an option of another loss', 'contrastiveLoss(a, b, [0], { temperature: 1 });', /'temperature' does not exist/],
  ['labels of text', "contrastiveLoss(a, b, ['same']);", /'string' is not assignable to type '.*number/],
  ['a typo in the options of a layer', 'new nn.Linear(2, 3, { bais: false });', /'bais' does not exist/],
  ['a layer without its sizes', 'new nn.Linear();', /Expected 2-3 arguments/],
  [
    'text into a layer',
    "new nn.Linear(2, 3).forward('x');",
    /'string' is not assignable to parameter of type 'Tensor'/,
  ],
  ['a typo in the options of an optimizer', 'new optim.Adam([a], { beta: [0.9, 0.99] });', /'betas?'/],
];

for (const name of Object.keys(losses).filter((name) => /Loss|Bound/.test(name))) {
  const line = `losses.${name}(...before(losses.${name}), { planted: 1 });`;
  WRONG.push([`an unknown option of ${name}`, line, /'planted' does not exist/]);
}

/** What the compiler says of a program that is in no file, by line, from 0. */
function errorsOf(text: string): Map<number, string> {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
  const path = resolve('test/types/lines.ts');
  const { options } = ts.parseJsonConfigFileContent(
    { compilerOptions: config.compilerOptions, files: [path] },
    ts.sys,
    '.',
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  const source = program.getSourceFile(path)!;
  const found = new Map<number, string>();
  for (const { start, messageText } of program.getSemanticDiagnostics(source)) {
    const { line } = source.getLineAndCharacterOfPosition(start!);
    found.set(line, `${found.get(line) ?? ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}\n`);
  }
  return found;
}

const lines = [...RIGHT, ...WRONG.map(([, line]) => line)];
const errors = errorsOf([BEFORE, ...lines].join('\n'));
const first = BEFORE.split('\n').length;

test('right programs have no errors', () => {
  const wrong = [...errors].filter(([line]) => line < first + RIGHT.length);
  expect(wrong).toEqual([]);
});

test.each(
  WRONG.map(([title, line, message], i) => [title, line, message, errors.get(first + RIGHT.length + i)] as const),
)('%s is refused: %s', (_title, _line, message, said) => {
  expect(said).toMatch(message);
});
