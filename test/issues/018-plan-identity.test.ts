/** @file A plan knows which of its arguments is a tensor that the step holds, and what the step reads besides. */
import { describe, expect, test } from 'vitest';
import * as c from '../../src/index.js';
import { compile, nn, optim, type Tensor } from '../../src/index.js';

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const tensor = (data: number | number[] | number[][], requiresGrad = false): Tensor =>
    c.tensor(data, { dtype, requiresGrad });
  const near = (x: Tensor): unknown =>
    JSON.parse(JSON.stringify(x.toArray()), (_, v) => (typeof v === 'number' ? +v.toFixed(5) : v));

  test('a tensor that the step holds is passed first, and another one then', () => {
    const w = tensor([1, 2]);
    const step = compile((x: Tensor) => x.mul(w).sum());
    expect([step(w), step(tensor([3, 4])), step(w)].map((y) => y.item())).toEqual([5, 11, 5]);
  });

  test('an optimizer trains what it holds, whatever is passed', () => {
    const [w, v] = [tensor([1, 2], true), tensor([3, 4], true)];
    const optimizer = new optim.SGD([w], { lr: 0.1 });
    const step = compile((x: Tensor) => {
      optimizer.zeroGrad();
      x.mul(w).sum().backward();
      optimizer.step();
    });
    step(w);
    expect(near(w)).toEqual([0.8, 1.6]);
    step(v);
    expect([near(w), near(v)]).toEqual([
      [0.5, 1.2],
      [3, 4],
    ]);
  });

  test('gradients of a tensor that is passed last are not lost', () => {
    const w = tensor([1, 2], true);
    const step = compile((x: Tensor) => void x.mul(w).sum().backward());
    step(tensor([3, 4]));
    w.grad = null;
    step(w);
    expect(near(w.grad!)).toEqual([2, 4]);
  });

  test('labels and a running mean are told from the same ones in the step', () => {
    const labels = c.tensor([0, 1], { dtype: 'int32' });
    const bn = new nn.BatchNorm1d(1, { dtype });
    const x = tensor([[1], [3]]);
    const step = compile((y: Tensor, mean: Tensor) => [bn.forward(x).sum().mul(0).add(mean), y.mul(10).add(labels)]);
    const seen = [
      step(labels, bn.runningMean),
      step(c.tensor([1, 1], { dtype: 'int32' }), tensor([7])),
      step(labels, bn.runningMean),
    ];
    expect(seen.map((results) => results.map(near))).toEqual([
      [[0.2], [0, 11]],
      [[7], [10, 11]],
      [[0.542], [0, 11]],
    ]);
  });

  test('a weight that is replaced is seen, and so is a momentum', () => {
    const layer = new nn.Linear(1, 1, { dtype, bias: false });
    const bn = new nn.BatchNorm1d(1, { dtype });
    const step = compile((x: Tensor) => layer.forward(x).add(bn.forward(x).mul(0)));
    const x = tensor([[1], [3]]);
    step(x);
    layer.weight = new nn.Parameter(tensor([[100]]));
    Object.assign(bn, { momentum: 0.5 });
    expect(near(step(x))).toEqual([[100], [300]]);
    expect(near(bn.runningMean)).toEqual([1.1]);
  });

  test('a tensor that is replaced in an object of a class, a Map or a Set is seen', () => {
    class Batch {
      x = tensor(1);
    }
    const [batch, map, set] = [new Batch(), new Map([['x', tensor(2)]]), new Set([tensor(3)])];
    const step = compile((b: Batch, m: Map<string, Tensor>, s: Set<Tensor>) =>
      [b.x, m.get('x')!, ...s].reduce((sum, x) => sum.mul(10).add(x)),
    );
    const seen = [step(batch, map, set)];
    batch.x = tensor(4);
    seen.push(step(batch, map, set));
    map.set('x', tensor(5));
    seen.push(step(batch, map, set));
    set.clear();
    set.add(tensor(6));
    seen.push(step(batch, map, set));
    expect(seen.map((y) => y.item())).toEqual([123, 423, 453, 456]);
  });

  test('a schedule goes on outside of the step; inside it is an error', () => {
    const w = tensor(0, true);
    const optimizer = new optim.SGD([w], { lr: 1 });
    const schedule = new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
    const update = (): void => {
      optimizer.zeroGrad();
      w.backward();
      optimizer.step();
    };
    expect(() =>
      compile(() => {
        update();
        schedule.step();
      })(),
    ).toThrow(/^Schedule\.step: .*do it outside of the step/);
    const step = compile(update);
    for (let i = 0; i < 3; i++) {
      step();
      schedule.step();
    }
    expect(w.item()).toBe(-1.75);
  });

  test('a number that is read out of an array is that of the call', () => {
    const step = compile((x: Tensor, y: number[] | Float64Array) => x.mul(y[0]!));
    const seen = [[2], [5], [2], Float64Array.of(3), Float64Array.of(4)].map((y) => step(tensor(1), y).item());
    expect(seen).toEqual([2, 5, 2, 3, 4]);
  });
});

test('labels in a plain array go on to be inputs, and no number of them is looked at', () => {
  let runs = 0;
  const step = compile((z: Tensor, labels: readonly number[]) => {
    runs++;
    return c.batchContrastiveLoss(z, labels);
  });
  const z = c.randn([4, 2]);
  const labels = [
    [0, 0, 1, 1],
    [0, 1, 1, 0],
    [0, 1, 0, 1],
  ];
  const losses = labels.map((y) => step(z, y).item());
  expect(runs).toBe(1);
  expect(losses).toEqual(labels.map((y) => expect.closeTo(c.batchContrastiveLoss(z, y).item(), 5)));
});

test('options that were passed to an optimizer in an array are its own', () => {
  const train = (betas: [number, number], changes: boolean): number => {
    const w = c.tensor(1, { requiresGrad: true });
    const optimizer = new optim.Adam([w], { lr: 0.1, betas });
    for (let i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      w.square()
        .mul(i + 1)
        .backward();
      optimizer.step();
      if (changes) betas[0] = 0;
    }
    return w.item();
  };
  expect(train([0.9, 0.999], true)).toBe(train([0.9, 0.999], false));
});
