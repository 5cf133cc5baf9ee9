/** @file Programs whose arguments are arrays, objects and plain values. */
import * as cg from '../../../src/index.js';
import { nn, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

/** No module: plans look at it where it is an argument. */
class Batch {
  x: Tensor;
  scale = 2;
  labels: number[] = [1, 2];
  constructor(x: Tensor) {
    this.x = x;
  }
}

export const arrays: Program[] = [
  {
    name: 'the same array is passed twice, or is held',
    run: ({ leaf, wrap }) => {
      const held = [1, 2];
      const step = wrap((x: Tensor, a: number[], b: number[]) => [
        x.mul(cg.tensor(a, { dtype: x.dtype })),
        x.mul(cg.tensor(b, { dtype: x.dtype })),
        x.mul(cg.tensor(held, { dtype: x.dtype })),
      ]);
      const x = leaf([1, 1]);
      return [step(x, held, held), step(x, [3, 4], [5, 6]), step(x, held, [7, 8])];
    },
  },
  ...(['plain', 'typed'] as const).map((kind): Program => {
    const array = (...numbers: number[]): number[] =>
      kind === 'plain' ? numbers : (Float64Array.from(numbers) as unknown as number[]);
    return {
      name: `numbers of a ${kind} array are looked at in the step`,
      run: ({ leaf, wrap }) => {
        const x = leaf([1, 2, 3]);
        const steps = [
          wrap((y: number[]) => x.mul(y[0]!)),
          wrap((y: number[]) => x.mul(Math.max(...y))),
          wrap((y: number[]) => x.mul(y.map((v) => 2 * v)[1]!)),
          wrap((y: number[]) => (y.includes(7) ? x : x.mul(3))),
          wrap((y: number[]) => x.mul(cg.tensor(y, { dtype: x.dtype })).mul(y.filter((v) => v > 4).length)),
          wrap((y: number[]) => x.mul(cg.tensor([y[2]!, 1, 1], { dtype: x.dtype }))),
          wrap((y: number[]) => x.mul(JSON.stringify(y).length)),
          wrap((y: number[]) => x.mul(Float64Array.from(y)[1]!)),
          wrap((y: number[]) => [...y].reduce((sum, v) => sum.add(v), x)),
        ];
        return steps.flatMap((step) =>
          [array(2, 3, 4), array(5, 3, 4), array(2, 7, 8), array(2, 3, 4), array(0, 0, -0)].map((y) => step(y)),
        );
      },
    };
  }),
  {
    name: 'numbers of nested arrays are looked at in the step',
    run: ({ leaf, wrap }) => {
      const x = leaf([1, 2]);
      const step = wrap(({ rows }: { rows: number[][] }) =>
        x.mul(rows[1]![0]!).add(cg.tensor(rows[0]!, { dtype: x.dtype })),
      );
      const steps = [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
        [
          [5, 6],
          [3, 9],
        ],
      ];
      return steps.map((rows) => step({ rows }));
    },
  },
  {
    name: 'arguments come back as they went in',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, y: number[], z: Float32Array, rest: { x: Tensor; n: number }) => ({
        x,
        y,
        z,
        rest,
      }));
      return [1, 2].map((i) => {
        const given = { y: [i, 3], z: Float32Array.of(i), rest: { x: leaf(i), n: 1 } };
        const { x, y, z, rest } = step(leaf(i), given.y, given.z, given.rest);
        return [x, y === given.y, z === given.z, rest === given.rest, rest.x];
      });
    },
  },
  {
    name: 'numbers and texts differ in what a text of them hides',
    run: ({ leaf, wrap }) => {
      const step = wrap((...given: unknown[]) => leaf(1).div(given[0] === 0 ? Number(given[0]) : given.length));
      const sights = [step(0), step(-0), step('a; "b"'), step('a', 'b'), step('null'), step(null), step('1'), step(1)];
      return [...sights, step({ 'a: number 1, b': 2 }), step({ a: 1, b: 2 }), step([1, 'x']), step(['1,"x"'])];
    },
  },
  {
    name: 'the order of names in an argument matters',
    run: ({ leaf, wrap }) => {
      const step = wrap((parts: Record<string, Tensor>) => cg.concat(Object.values(parts)));
      const [a, b] = [leaf([1]), leaf([2])];
      return [step({ a, b }), step({ b, a }), step({ a: b, b: a })];
    },
  },
  {
    name: 'an object of a class among the arguments changes',
    run: ({ leaf, wrap }) => {
      const batch = new Batch(leaf([1, 2]));
      const map = new Map<string, unknown>([['w', leaf([1, 1])]]);
      const set = new Set([leaf([2, 2])]);
      const bytes = Uint8Array.of(1, 2);
      const step = wrap((b: Batch, m: typeof map, s: typeof set, u: Uint8Array) => {
        const tensors = [m.get('w') as Tensor, ...s];
        return tensors
          .reduce((sum, x) => sum.add(x), b.x.mul(b.scale))
          .add(b.labels[0]!)
          .add(u[0]!);
      });
      const sights: Sight[] = [];
      const call = (): void => void sights.push(step(batch, map, set, bytes));
      call();
      batch.x = leaf([3, 4]);
      call();
      batch.scale = 5;
      call();
      batch.labels[0] = 9;
      call();
      map.set('w', leaf([7, 7]));
      call();
      set.clear();
      set.add(leaf([8, 8]));
      call();
      bytes[0] = 100;
      call();
      sights.push(step(new Batch(leaf([1, 2])), map, set, bytes), step(batch, map, set, bytes));
      return sights;
    },
  },
  {
    name: 'an object of a class holds a tensor that is an argument, too',
    run: ({ leaf, wrap }) => {
      const [w, v] = [leaf([1, 2], true), leaf([3, 4], true)];
      const batch = new Batch(w);
      const step = wrap((b: Batch, x: Tensor) => void b.x.mul(x).sum().backward());
      step(batch, w);
      step(batch, v);
      batch.x = v;
      step(batch, w);
      step(batch, v);
      return [w.grad, v.grad];
    },
  },
  {
    name: 'modules in Maps, arrays and arguments switch to evaluation, one by one',
    run: ({ leaf, wrap, options }) => {
      const parts = new Map([['bn', new nn.BatchNorm1d(2, options)]]);
      const list = [new nn.BatchNorm1d(2, options)];
      const step = wrap((x: Tensor, model: nn.Module) =>
        [parts.get('bn')!, ...list, model].reduce((y, module) => module.forward(y), x),
      );
      const model = new nn.Sequential(new nn.BatchNorm1d(2, options));
      const x = leaf([
        [1, -2],
        [3, 5],
      ]);
      const sights = [step(x, model)];
      for (const module of [parts.get('bn')!, list[0]!, model]) {
        module.eval();
        sights.push(step(x, model));
        module.train();
        sights.push(step(x, model));
      }
      return sights;
    },
  },
  {
    name: 'a device is an argument, alone or in options',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, device: cg.Device, { options }: { options: { device: cg.Device } }) =>
        x.add(cg.ones([2], { device, dtype: x.dtype })).mul(cg.full([2], 3, { ...options, dtype: x.dtype })),
      );
      return [leaf([1, 2]), leaf([3, 4])].map((x) => step(x, cg.cpu, { options: { device: cg.cpu } }));
    },
  },
];
