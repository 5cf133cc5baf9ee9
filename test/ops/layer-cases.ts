/** @file The rows of the layers: functions of an input and of the parameters. */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { nn, type Tensor, tensor } from '../../src/index.js';
import { type TensorFunction, values } from '../../src/testing/index.js';
import type { Case } from './cases.js';
import { average, matrix, type Nested, unit } from './references.js';

/**
 * A layer as a function of its input and of the tensors that take the place of its parameters. There is one layer for each
 * type on each device, since what it counts must be older than a step that is compiled.
 */
function layered(make: (options: { dtype: cg.DType }) => nn.Module, ...names: string[]): TensorFunction {
  const made = new Map<cg.Device, Map<cg.DType, nn.Module>>();
  const layerFor = (device: cg.Device, dtype: cg.DType): nn.Module => {
    const own = made.get(device) ?? new Map<cg.DType, nn.Module>();
    made.set(device, own);
    const layer = own.get(dtype) ?? cg.useDevice(device, () => make({ dtype }));
    own.set(dtype, layer);
    return layer;
  };
  for (const dtype of ['float32', 'float64'] as const) layerFor(cg.cpu, dtype);
  return (x, ...parameters) => {
    const layer = layerFor(x!.device, x!.dtype);
    for (const [index, name] of names.entries()) Object.assign(layer, { [name]: parameters[index] });
    return layer.forward(x!);
  };
}

/** Images no two elements of which tie, all below 0: a padding of zeros would win. */
const distinctImages = (shape: readonly number[]): fc.Arbitrary<Tensor> => {
  const all = Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i);
  return fc.shuffledSubarray(all, { minLength: all.length }).map((order) =>
    tensor(
      order.map((k) => -0.1 - k / 10),
      { shape, dtype: 'float64' },
    ),
  );
};

type Image = number[][];
const images = (x: Nested): Image[][] => x as Image[][];
const rowsOf = (x: Nested): number[][] => matrix(x);

/** Every window of an image, with `value` beyond its border, in rows of what `of` makes of it. */
function slide(
  image: Image,
  { kernel, stride, padding, value }: { kernel: number[]; stride: number[]; padding: number[]; value: number },
  of: (window: Image) => number,
): Image {
  const [kh, kw] = kernel as [number, number];
  const at = (i: number, j: number): number => image[i]?.[j] ?? value;
  const starts = (axis: number, length: number): number[] => {
    const list: number[] = [];
    for (let p = -padding[axis]!; p + kernel[axis]! <= length + padding[axis]!; p += stride[axis]!) list.push(p);
    return list;
  };
  return starts(0, image.length).map((p) =>
    starts(1, image[0]!.length).map((q) =>
      of(Array.from({ length: kh }, (_, i) => Array.from({ length: kw }, (_, j) => at(p + i, q + j)))),
    ),
  );
}

const inner = (a: Image, b: Image): number => a.flat().reduce((sum, v, i) => sum + v * b.flat()[i]!, 0);

const plainConvolution =
  (kernel: number[], stride: number[], padding: number[]) =>
  (x: Nested, w: Nested, b: Nested = 0): Nested =>
    images(x).map((channels) =>
      images(w).map((filters, out) =>
        channels
          .map((image, c) =>
            slide(image, { kernel, stride, padding, value: 0 }, (window) => inner(window, filters[c]!)),
          )
          .reduce((sum, part) => sum.map((row, i) => row.map((v, j) => v + part[i]![j]!)))
          .map((row) => row.map((v) => v + (Array.isArray(b) ? (b[out] as number) : 0))),
      ),
    );

const plainNorm = (list: number[], eps: number): ((v: number) => number) => {
  const middle = average(list);
  const spread = average(list.map((v) => (v - middle) ** 2));
  return (v) => (v - middle) / Math.sqrt(spread + eps);
};

/** Far enough from one another that a division by the deviation says something. */
const spreadOut =
  (axes: number[]) =>
  ([x]: Tensor[]): boolean =>
    x!
      .variance({ axis: axes, correction: 0 })
      .dataSync()
      .every((v) => v > 0.4);

/** The rows. */
export const layerCases: readonly Case[] = [
  {
    covers: 'nn.Linear',
    fn: layered((options) => new nn.Linear(3, 2, options), 'weight', 'bias'),
    inputs: fc.tuple(values([4, 3]), values([2, 3]), values([2])),
    reference: (x, w, b) => rowsOf(x!).map((r) => rowsOf(w!).map((s, o) => inner([r], [s]) + (b as number[])[o]!)),
  },
  {
    covers: 'nn.Conv2d',
    fn: layered((options) => new nn.Conv2d(2, 2, { kernelSize: 2, padding: 1, ...options }), 'weight', 'bias'),
    inputs: fc.tuple(values([1, 2, 2, 3]), values([2, 2, 2, 2]), values([2])),
    reference: plainConvolution([2, 2], [1, 1], [1, 1]),
  },
  {
    covers: 'nn.Conv2d',
    variant: 'stride, not square, no bias',
    fn: layered(
      (options) =>
        new nn.Conv2d(1, 2, { kernelSize: [2, 3], stride: [1, 2], padding: [0, 2], bias: false, ...options }),
      'weight',
    ),
    inputs: fc.tuple(values([2, 1, 3, 4]), values([2, 1, 2, 3])),
    reference: (x, w) => plainConvolution([2, 3], [1, 2], [0, 2])(x!, w!),
  },
  {
    covers: 'nn.Conv2d',
    variant: 'of single elements',
    fn: layered((options) => new nn.Conv2d(2, 3, { kernelSize: 1, ...options }), 'weight', 'bias'),
    inputs: fc.tuple(values([2, 2, 2, 2]), values([3, 2, 1, 1]), values([3])),
    reference: plainConvolution([1, 1], [1, 1], [0, 0]),
  },
  ...(
    [
      ['', { kernelSize: 2 }, [2, 2], [2, 2], [0, 0]],
      ['overlapping, padded', { kernelSize: 3, stride: 2, padding: 1 }, [3, 3], [2, 2], [1, 1]],
      ['not square', { kernelSize: [2, 3], stride: [1, 2] }, [2, 3], [1, 2], [0, 0]],
    ] as const
  ).map(
    ([variant, options, kernel, stride, padding]): Case => ({
      covers: 'nn.MaxPool2d',
      ...(variant && { variant }),
      fn: layered(() => new nn.MaxPool2d(options)),
      inputs: distinctImages([2, 1, 4, 4]).map((x) => [x]),
      reference: (x) => {
        const windows = {
          kernel: [...kernel],
          stride: [...stride],
          padding: [...padding],
          value: Number.NEGATIVE_INFINITY,
        };
        return images(x!).map((channels) =>
          channels.map((image) => slide(image, windows, (window) => Math.max(...window.flat()))),
        );
      },
    }),
  ),
  {
    covers: 'nn.GlobalAvgPool2d',
    fn: layered(() => new nn.GlobalAvgPool2d()),
    inputs: values([2, 3, 2, 3]).map((x) => [x]),
    reference: (x) => images(x!).map((channels) => channels.map((image) => average(image.flat()))),
  },
  {
    covers: 'nn.BatchNorm1d',
    fn: layered((options) => new nn.BatchNorm1d(2, options), 'weight', 'bias'),
    inputs: fc.tuple(values([5, 2]), values([2]), values([2])).filter(spreadOut([0])),
    reference: (x, w, b) => {
      const norms = [0, 1].map((c) =>
        plainNorm(
          rowsOf(x!).map((r) => r[c]!),
          1e-5,
        ),
      );
      return rowsOf(x!).map((r) => r.map((v, c) => norms[c]!(v) * (w as number[])[c]! + (b as number[])[c]!));
    },
  },
  {
    covers: 'nn.BatchNorm1d',
    variant: 'evaluated',
    fn: layered(
      (options) => {
        const layer = new nn.BatchNorm1d(2, { eps: 0.5, ...options }).eval();
        layer.runningMean.assign(tensor([0.5, -1], { dtype: options.dtype }));
        layer.runningVariance.assign(tensor([2, 0.25], { dtype: options.dtype }));
        return layer;
      },
      'weight',
      'bias',
    ),
    inputs: fc.tuple(values([2, 2, 3]), values([2]), values([2])),
    reference: (x, w, b) =>
      (x as number[][][]).map((channels) =>
        channels.map((list, c) =>
          list.map((v) => {
            const scaled = (v - [0.5, -1][c]!) / Math.sqrt([2.5, 0.75][c]!);
            return scaled * (w as number[])[c]! + (b as number[])[c]!;
          }),
        ),
      ),
  },
  {
    covers: 'nn.BatchNorm2d',
    fn: layered((options) => new nn.BatchNorm2d(2, { eps: 0.1, ...options }), 'weight', 'bias'),
    inputs: fc.tuple(values([2, 2, 2, 2]), values([2]), values([2])).filter(spreadOut([0, 2, 3])),
    reference: (x, w, b) => {
      const norms = [0, 1].map((c) =>
        plainNorm(
          images(x!).flatMap((channels) => channels[c]!.flat()),
          0.1,
        ),
      );
      return images(x!).map((channels) =>
        channels.map((image, c) =>
          image.map((r) => r.map((v) => norms[c]!(v) * (w as number[])[c]! + (b as number[])[c]!)),
        ),
      );
    },
  },
  {
    covers: 'nn.LayerNorm',
    fn: layered((options) => new nn.LayerNorm(4, options), 'weight', 'bias'),
    inputs: fc.tuple(values([3, 4]), values([4]), values([4])).filter(spreadOut([1])),
    reference: (x, w, b) =>
      rowsOf(x!).map((r) => r.map((v, j) => plainNorm(r, 1e-5)(v) * (w as number[])[j]! + (b as number[])[j]!)),
  },
  {
    covers: 'nn.LayerNorm',
    variant: 'two axes',
    fn: layered((options) => new nn.LayerNorm([2, 2], { eps: 0.1, ...options }), 'weight', 'bias'),
    inputs: fc.tuple(values([2, 2, 2]), values([2, 2]), values([2, 2])).filter(spreadOut([1, 2])),
    reference: (x, w, b) =>
      (x as number[][][]).map((m) =>
        m.map((r, i) => r.map((v, j) => plainNorm(m.flat(), 0.1)(v) * rowsOf(w!)[i]![j]! + rowsOf(b!)[i]![j]!)),
      ),
  },
  {
    covers: 'nn.L2Normalize',
    fn: layered(() => new nn.L2Normalize()),
    inputs: values([3, 2], [0.5, 2]).map((x) => [x]),
    reference: (x) => rowsOf(x!).map(unit),
  },
  {
    covers: 'nn.Dropout',
    // A generator of its own for each call: the same choice eagerly and replayed.
    fn: (x) => new nn.Dropout({ p: 0.4, generator: new cg.Generator(3) }).forward(x!),
    inputs: values([3, 4]).map((x) => [x]),
    reference: (x) => {
      const generator = new cg.Generator(3);
      return rowsOf(x!).map((r) => r.map((v) => (generator.uniform() >= 0.4 ? v / 0.6 : 0)));
    },
  },
  {
    covers: 'nn.Flatten',
    fn: layered(() => new nn.Flatten()),
    inputs: values([2, 2, 2, 3]).map((x) => [x]),
    reference: (x) => images(x!).map((channels) => channels.flat(2)),
  },
  {
    covers: 'nn.Residual',
    fn: layered(
      (options) => new nn.Residual(new nn.Flatten(), { projection: new nn.LayerNorm([2], { eps: 10, ...options }) }),
    ),
    inputs: values([3, 2]).map((x) => [x]),
    reference: (x) => rowsOf(x!).map((r) => r.map((v) => v + plainNorm(r, 10)(v))),
  },
  {
    covers: 'nn.Sequential',
    fn: layered(() => new nn.Sequential(new nn.Tanh(), new nn.LeakyReLU({ slope: 0.5 }), new nn.Sigmoid())),
    inputs: values([2, 3], [0.1, 2]).map((x) => [x.mul(tensor([1, -1, 1], { dtype: 'float64' }))]),
    reference: (x) => rowsOf(x!).map((r) => r.map(Math.tanh).map((v) => 1 / (1 + Math.exp(-(v > 0 ? v : v / 2))))),
  },
  ...(
    [
      ['ReLU', (v) => Math.max(v, 0)],
      ['LeakyReLU', (v) => (v > 0 ? v : v / 100)],
      ['Sigmoid', (v) => 1 / (1 + Math.exp(-v))],
      ['Tanh', Math.tanh],
      ['Softplus', (v) => Math.log1p(Math.exp(v))],
      ['GELU', undefined],
    ] as const satisfies readonly (readonly [keyof typeof nn, ((v: number) => number) | undefined])[]
  ).map(
    // By their names, which a minified class loses.
    ([name, formula]): Case => ({
      covers: `nn.${name}`,
      fn: layered(() => new nn[name]()),
      inputs: values([2, 3], [0.1, 2]).map((x) => [x.mul(tensor([1, -1, 1], { dtype: 'float64' }))]),
      ...(formula && { reference: (x: Nested) => rowsOf(x).map((r) => r.map(formula)) }),
    }),
  ),
];
