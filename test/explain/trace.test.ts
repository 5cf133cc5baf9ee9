/** @file A trace is what the engine did: its numbers are those of autograd, its sums add up, and JSON keeps all of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Numbers, type Trace, trace } from '../../src/explain/index.js';
import * as cg from '../../src/index.js';
import { type Tensor, tensor } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';
import { assertProperty } from '../support/depth.js';

const flat = (value: Numbers | null): number[] =>
  typeof value === 'number' ? [value] : typeof value === 'string' ? [Number(value)] : (value ?? []).flatMap(flat);

/** What the layout promises of every trace. */
function checkTrace({ version, loss, tensors, steps }: Trace): void {
  expect(version).toBe(1);
  expect(loss).toBe(tensors.length - 1);
  expect(flat(tensors[loss]!.gradient)).toEqual([1]);
  tensors.forEach((x, id) => {
    expect(x.id).toBe(id);
    expect(x.op === null).toBe(x.inputs.length === 0);
    expect((x.formula === null) === (x.op === null)).toBe(true);
    for (const input of x.inputs) expect(input).toBeLessThan(id);
    expect(flat(x.value)).toHaveLength(x.shape.reduce((size, side) => size * side, 1));
  });
  const totals = new Map<number, number[]>([[loss, [1]]]);
  const visited = new Set<number>();
  for (const { tensor, flows } of steps) {
    // Complete when it is visited: nothing flows there afterwards.
    expect(totals.get(tensor)).toEqual(flat(tensors[tensor]!.gradient));
    visited.add(tensor);
    for (const { to, input, gradient, total, localDerivative } of flows) {
      expect(visited.has(to)).toBe(false);
      expect(tensors[tensor]!.inputs[input]).toBe(to);
      expect(localDerivative).toContain('\\bar');
      const part = flat(gradient);
      const before = totals.get(to) ?? part.map(() => 0);
      totals.set(
        to,
        before.map((v, i) => v + part[i]! + 0),
      );
      expect(totals.get(to)).toEqual(flat(total));
    }
  }
  for (const { id, gradient } of tensors) expect(totals.get(id) ?? []).toEqual(flat(gradient));
}

const losses = table.filter(({ covers }) => /Loss$|^mutualInformationBound$/.test(covers));

test('every loss is here', () => {
  const exported = Object.keys(cg).filter((name) => name.endsWith('Loss'));
  const covered = new Set(losses.map(({ covers }) => covers));
  expect(exported.filter((name) => !covered.has(name))).toEqual([]);
});

test.each(losses.map((row) => [titleOf(row), row] as const))('trace of %s, on random batches', (_, row) => {
  assertProperty(
    fc.property(row.inputs, (given) => {
      const leaves = given.map((x) =>
        x.dtype === 'int32' ? x : tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }),
      );
      const run = (): Tensor => {
        const out = row.fn(...leaves);
        return out.size === 1 ? out : out.sum();
      };
      fc.pre(run().requiresGrad);
      const names = Object.fromEntries(leaves.map((x, i) => [`input ${i}`, x]));
      const result = trace(run, { names });
      checkTrace(result);
      expect(JSON.parse(JSON.stringify(result))).toEqual(result);
      const wanted = leaves.filter((x) => x.requiresGrad);
      const gradients = cg.grad(run(), wanted, { allowUnused: true });
      wanted.forEach((x, i) => {
        const name = `input ${leaves.indexOf(x)}`;
        const shown = result.tensors.find((candidate) => candidate.name === name);
        // An input that the loss does not reach is no part of its graph.
        expect(flat(shown?.gradient ?? (gradients[i]!.mul(0).toArray() as Numbers))).toEqual([
          ...gradients[i]!.add(0).dataSync(),
        ]);
        expect(x.grad).toBeNull();
      });
    }),
    20,
  );
});

test('a tensor that is used twice collects two contributions, which are shown and added', () => {
  const x = tensor([2, 3], { requiresGrad: true });
  const { tensors, steps } = trace(() => x.mul(x).sum(), { names: { x } });
  expect(tensors.map(({ name, op }) => [name, op])).toEqual([
    ['x', null],
    ['mul', 'mul'],
    ['sum', 'sum'],
  ]);
  expect(steps.map(({ tensor }) => tensors[tensor]!.op)).toEqual(['sum', 'mul']);
  expect(steps[1]!.flows).toEqual([
    {
      to: 0,
      input: 0,
      localDerivative: String.raw`\bar a \mathrel{+}= \bar c \odot b`,
      gradient: [2, 3],
      total: [2, 3],
    },
    {
      to: 0,
      input: 1,
      localDerivative: String.raw`\bar b \mathrel{+}= \bar c \odot a`,
      gradient: [2, 3],
      total: [4, 6],
    },
  ]);
});

test('names, groups, constants, attributes, numbers that JSON lacks, and the calling lines', () => {
  const x = tensor([[1, 2]], { requiresGrad: true });
  const run = (): Tensor =>
    cg.group('encoder', () => x.sum({ axis: 1 }).maximum(tensor([Number.NEGATIVE_INFINITY]))).sum();
  const plain = trace(run);
  expect(plain.tensors.map(({ name, groups, line }) => [name, groups, line])).toEqual([
    ['input', [], null],
    ['constant', [], null],
    ['sum', ['encoder'], null],
    ['maximum', ['encoder'], null],
    ['sum', [], null],
  ]);
  expect(plain.tensors[1]).toMatchObject({ value: ['-Infinity'], gradient: null });
  expect(plain.tensors[2]!.attributes).toMatchObject({ axes: [1] });
  const { tensors } = trace(run, { lines: true });
  expect(tensors[2]!.line).toMatch(/trace\.test\.ts:\d+:\d+/);
  expect(tensors[0]!.line).toBeNull();
});

test('large tensors are listed without their numbers', () => {
  const x = cg.ones([10, 10], { requiresGrad: true });
  const { tensors, steps } = trace(() => x.square().sum(), { maxElements: 99 });
  expect(tensors.map(({ value, gradient }) => [value, gradient])).toEqual([
    [null, null],
    [null, null],
    [100, 1],
  ]);
  expect(steps[0]!.flows[0]).toMatchObject({ gradient: null, total: null });
});

test('leaves gradients, grad mode and errors as they were', () => {
  const x = tensor(3, { requiresGrad: true });
  expect(() => trace(() => 3 as unknown as Tensor)).toThrow('trace: what its callback returns must be a tensor, got 3');
  expect(() => trace(() => tensor(3))).toThrow(/nothing to differentiate/);
  expect(() => trace(() => tensor([1, 2], { requiresGrad: true }).square())).toThrow(/needs a scalar/);
  expect(() => cg.noGrad(() => trace(() => x.square()))).toThrow('trace: cannot run under noGrad');
  const y = x.square();
  trace(() => y);
  y.backward();
  expect(x.grad!.item()).toBe(6);
});
