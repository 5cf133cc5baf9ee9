/** @file A gradient has the type of what it is the gradient of, or there is an error that says so. */
import { describe, expect, test } from 'vitest';
import { compile, type DType, DTypeError, defineOp, grad, type Tensor, tensor } from '../../src/index.js';

const types = ['float32', 'float64'] as const;
const other = (dtype: DType): DType => (dtype === 'float32' ? 'float64' : 'float32');

/** The square, with a pull-back of whatever kind. */
const square = (pullBack: (g: Tensor, x: Tensor) => unknown): ((x: Tensor) => Tensor) => {
  const op = defineOp<readonly [Tensor]>({
    name: 'odd',
    formula: 'y = x^2',
    localDerivative: ['2x'],
    forward: ([x]) => x.mul(x),
    pullBack: [(g, { inputs: [x] }) => pullBack(g, x) as Tensor],
  });
  return (x) => op([x]);
};

describe.each(types)('a leaf of %s', (dtype) => {
  const leaf = (): Tensor => tensor([1, 2], { dtype, requiresGrad: true });
  const narrow = square((g, x) => g.mul(x).mul(2).cast(other(dtype)));
  const said = `odd: what its pull-back to input 0 gives must be ${dtype}, got ${other(dtype)}; use cast(x, '${dtype}')`;

  test('takes no gradient of the other type: backward, grad, createGraph, compiled', () => {
    expect(() => narrow(leaf()).sum().backward()).toThrow(said);
    expect(() => narrow(leaf()).sum().backward()).toThrow(DTypeError);
    const x = leaf();
    expect(() => grad(narrow(x).sum(), [x])).toThrow(said);
    expect(() => grad(narrow(x).sum(), [x], { createGraph: true })).toThrow(said);
    expect(() => compile((y: Tensor) => grad(narrow(y).sum(), [y]))(x)).toThrow(said);
    expect(() => compile(() => narrow(x).sum().backward())()).toThrow(said);
    expect(x.grad).toBeNull();
  });

  test('gets one of its own type through any chain of types, to any order', () => {
    const [x, y] = [leaf(), tensor([3, 4], { dtype: other(dtype), requiresGrad: true })];
    const chain = (): Tensor =>
      x.cast(other(dtype)).mul(y).cast(dtype).mul(x).cast('float64').square().cast('float32').sum();
    const check = (gx: Tensor, gy: Tensor): void => {
      expect([gx.dtype, gy.dtype]).toEqual([dtype, other(dtype)]);
      expect([gx.toArray(), gy.toArray()]).toEqual([
        [36, 512],
        [6, 128],
      ]);
    };
    const pair = (grads: Tensor[]): [Tensor, Tensor] => [grads[0]!, grads[1]!];
    check(...pair(grad(chain(), [x, y])));
    const first = grad(chain(), [x, y], { createGraph: true });
    check(...pair(first));
    const second = grad(first[0]!.sum(), [x, y]);
    expect(second.map((g) => g.dtype)).toEqual([dtype, other(dtype)]);
    expect(second[0]!.toArray()).toEqual([108, 768]);
    const step = compile((..._: Tensor[]) => grad(chain(), [x, y]));
    for (let i = 0; i < 2; i++) check(...pair(step()));
    const train = compile(() => chain().backward());
    for (let i = 1; i <= 3; i++) {
      train();
      expect([x.grad!.dtype, y.grad!.dtype]).toEqual([dtype, other(dtype)]);
      expect(x.grad!.toArray()).toEqual([36 * i, 512 * i]);
    }
    chain().backward();
    expect(y.grad!.toArray()).toEqual([24, 512]);
  });

  test('takes no int32, no number and nothing, where a gradient should be', () => {
    const odd = (value: (g: Tensor, x: Tensor) => unknown) => () => square(value)(leaf()).sum().backward();
    expect(odd((g) => g.greater(0))).toThrow(`must be ${dtype}, got int32`);
    expect(odd(() => 2)).toThrow('odd: what its pull-back to input 0 gives must be a tensor, got 2');
    expect(odd(() => undefined)).toThrow('odd: what its pull-back to input 0 gives must be a tensor, got undefined');
  });

  test('can be given only a gradient of its own type', () => {
    const x = leaf();
    const give = (value: unknown) => () => {
      x.grad = value as Tensor;
    };
    expect(give(tensor([1, 2], { dtype: other(dtype) }))).toThrow(
      `grad: a gradient must be ${dtype}, got ${other(dtype)}`,
    );
    expect(give(1)).toThrow('grad: a gradient must be a tensor or null, got 1');
    x.grad = tensor([1, 2], { dtype });
    x.mul(3).sum().backward();
    expect(x.grad!.toArray()).toEqual([4, 5]);
    x.grad = null;
  });
});
