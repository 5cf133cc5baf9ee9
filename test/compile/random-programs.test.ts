/** @file Random steps, called with random tensors of a small pool while everything around them changes. */
import fc from 'fast-check';
import { describe, test } from 'vitest';
import * as cg from '../../src/index.js';
import { nn, optim, type Tensor } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';
import { executors, expectSame, type Sight, type Tools } from './run-program.js';

/** A tensor by name: an argument, one that the step holds, the gradient of one, or what was computed so far. */
const operand = fc.constantFrom('x', 'y', 'w', 'v', 'u', 'gradient', 'so far');
const leaf = fc.constantFrom('x', 'y', 'w', 'v', 'u');

/** What a step does, line by line. */
type Line = readonly [verb: string, a?: string, b?: string];
const line: fc.Arbitrary<Line> = fc.oneof(
  fc.tuple(fc.constantFrom('add', 'mul', 'sub'), operand, operand),
  fc.tuple(fc.constantFrom('assign', 'forget'), leaf, operand),
  fc.tuple(fc.constantFrom('backward', 'zeroGrad', 'optimize', 'forward', 'number', 'numbers', 'keep', 'count')),
);

/** What is passed: tensors of the pool by their place, or as one that shares their numbers. */
type Passed = readonly [place: number, how: string];
const passed: fc.Arbitrary<Passed> = fc.tuple(
  fc.nat({ max: 5 }),
  fc.constantFrom('itself', 'itself', 'a view', 'its gradient'),
);

const call = fc.record({
  x: passed,
  y: passed,
  numbers: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 2 }),
  isNested: fc.boolean(),
});

/** What happens between two calls. */
const change = fc.constantFrom(
  'nothing',
  'nothing',
  'scale',
  'swap',
  'replace',
  'switch',
  'freeze',
  'forget',
  'bind',
  'rate',
  'share',
);

/** Holds options, a parameter and what it was given last. */
class Layer extends nn.Module {
  scale = 1;
  weight: Tensor;
  spare: Tensor;
  last: Tensor | null = null;
  calls = 0;

  constructor(weight: Tensor, spare: Tensor) {
    super();
    this.weight = weight;
    this.spare = spare;
  }

  override forward(x: Tensor): Tensor {
    const y = x.mul(this.weight).mul(this.scale);
    return this.training ? y.tanh() : y;
  }
}

interface Given {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly numbers: number[];
}

interface Program {
  readonly lines: readonly Line[];
  readonly calls: readonly (readonly [{ x: Passed; y: Passed; numbers: number[]; isNested: boolean }, string])[];
}

const anything: fc.Arbitrary<Program> = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 7 }),
  calls: fc.array(fc.tuple(call, change), { minLength: 2, maxLength: 6 }),
});

/** A step that is called with tensors of which it knows nothing, until it has a plan for them, and then with one that it holds. */
const heldLater: fc.Arbitrary<Program> = fc
  .record({
    lines: fc.array(line, { maxLength: 4 }),
    verb: fc.constantFrom('add', 'mul', 'sub'),
    held: fc.constantFrom<[string, number]>(['w', 0], ['v', 1], ['u', 2]),
    isNested: fc.boolean(),
    isSecond: fc.boolean(),
  })
  .map(({ lines, verb, held: [name, place], isNested, isSecond }) => {
    const given = (x: number): Program['calls'][number] => {
      const [first, second]: [Passed, Passed] = [
        [x, 'itself'],
        [4, 'itself'],
      ];
      const [a, b] = isSecond ? [second, first] : [first, second];
      return [{ x: a, y: b, numbers: [1, 2], isNested }, 'nothing'];
    };
    return {
      lines: [...lines, [verb, isSecond ? 'y' : 'x', name], ['backward']],
      calls: [5, 5, 5, place, 5].map(given),
    };
  });

const program = fc.oneof({ weight: 2, arbitrary: anything }, { weight: 1, arbitrary: heldLater });

function run({ lines, calls }: Program, tools: Tools): Sight[] {
  const pool = [0, 1, 2, 3, 4, 5].map((i) => tools.leaf([0.25 + i / 8, 0.5 - i / 4], i !== 2));
  const [w, v, u] = pool as [Tensor, Tensor, Tensor];
  const layer = new Layer(pool[3]!, tools.leaf([1, 2], true));
  const optimizer = new optim.SGD([w, v], { lr: 0.125, momentum: 0.5 });

  const step = ({ x, y, numbers }: Given): Sight => {
    const named: Record<string, Tensor> = { x, y, w, v, u };
    let soFar = x.mul(0.5);
    const find = (name: string): Tensor => {
      if (name === 'gradient') return w.grad ?? v;
      return (name === 'so far' ? soFar : named[name]!).tanh();
    };
    for (const [verb, a, b] of lines) {
      if (verb === 'add' || verb === 'mul' || verb === 'sub') soFar = soFar.add(find(a!)[verb](find(b!)));
      else if (verb === 'assign') named[a!]!.assign(find(b!).detach());
      else if (verb === 'forget') named[a!]!.grad = null;
      else if (verb === 'zeroGrad') optimizer.zeroGrad();
      else if (verb === 'optimize') optimizer.step();
      else if (verb === 'forward') soFar = layer.forward(soFar);
      else if (verb === 'number') soFar = soFar.mul(numbers[0]!);
      else if (verb === 'numbers') soFar = soFar.mul(cg.tensor(numbers, tools.options).sum());
      else if (verb === 'keep') layer.last = soFar;
      else if (verb === 'count') layer.calls++;
      else if (verb === 'backward' && soFar.requiresGrad) {
        soFar.sum().backward();
        soFar = soFar.detach();
      }
    }
    return [soFar, numbers];
  };
  const flat = tools.wrap((x: Tensor, y: Tensor, numbers: number[]) => step({ x, y, numbers }));
  const nested = tools.wrap((given: { pair: [Tensor, Tensor]; numbers: number[] }) =>
    step({ x: given.pair[0], y: given.pair[1], numbers: given.numbers }),
  );

  const find = ([place, how]: Passed): Tensor => {
    const itself = pool[place]!;
    if (how === 'a view') return itself.detach();
    return how === 'its gradient' && itself.grad !== null ? itself.grad : itself;
  };
  return calls.flatMap(([{ x, y, numbers, isNested }, change]): Sight[] => {
    if (change === 'scale') layer.scale += 1;
    else if (change === 'swap') [layer.weight, layer.spare] = [layer.spare, layer.weight];
    else if (change === 'replace') layer.weight = tools.leaf([0.5, 0.75], true);
    else if (change === 'switch') layer.train(!layer.training);
    else if (change === 'freeze') v.requiresGrad = !v.requiresGrad;
    else if (change === 'forget') w.grad = null;
    else if (change === 'bind') u.assign(w.detach());
    else if (change === 'rate') optimizer.lr = 0.5 - optimizer.lr;
    else if (change === 'share') v.grad = w.grad;
    const [a, b] = [find(x), find(y)];
    const result = isNested ? nested({ pair: [a, b], numbers }) : flat(a, b, numbers);
    return [result, layer.calls, ...pool.flatMap((tensor) => [tensor.detach(), tensor.grad])];
  });
}

describe.each(executors)('on the %s executor in %s', (...executor) => {
  test('random programs see what they see eagerly, through every call', () => {
    assertProperty(
      fc.property(program, (made) => expectSame((tools) => run(made, tools), executor)),
      1000,
    );
  });
});
