/** @file The rows of the operations that move elements. */
import fc from 'fast-check';
import * as cg from '../../src/index.js';
import { anyTensor, labels, values } from '../../src/testing/index.js';
import type { Case } from './cases.js';
import { flat, map1, matrix, type Nested } from './references.js';

const side = fc.integer({ min: 1, max: 4 });
const reversed = (x: Nested): Nested => (Array.isArray(x) ? [...x].reverse().map(reversed) : x);
const indices = (rows: number, columns: number, below: number): fc.Arbitrary<cg.Tensor> =>
  labels(rows * columns, below).map((x) => x.reshape([rows, columns]));

/** The rows. */
export const layoutCases: readonly Case[] = [
  {
    covers: 'reshape',
    fn: (x) => cg.reshape(x!, [3, -1]),
    inputs: values([2, 3]).map((x) => [x]),
    reference: (x) => {
      const f = flat(x!);
      return [f.slice(0, 2), f.slice(2, 4), f.slice(4)];
    },
  },
  {
    covers: 'permute',
    fn: (x) => cg.permute(x!, [2, 0, 1]),
    inputs: values([2, 3, 4]).map((x) => [x]),
    reference: (x) => [0, 1, 2, 3].map((k) => (x as number[][][]).map((b) => b.map((r) => r[k]!))),
  },
  {
    covers: 'transpose',
    fn: (x) => cg.transpose(x!),
    inputs: side.chain((n) => values([n, 3])).map((x) => [x]),
    reference: (x) => [0, 1, 2].map((j) => matrix(x!).map((r) => r[j]!)),
  },
  {
    covers: 'broadcastTo',
    fn: (x) => cg.broadcastTo(x!, [2, 3, 4]),
    inputs: values([3, 1]).map((x) => [x]),
    reference: (x) => [0, 1].map(() => matrix(x!).map((r) => [0, 1, 2, 3].map(() => r[0]!))),
  },
  {
    covers: 'expandDims',
    fn: (x) => cg.expandDims(x!, 1),
    inputs: values([3]).map((x) => [x]),
    reference: (x) => (x as number[]).map((v) => [v]),
  },
  {
    covers: 'squeeze',
    fn: (x) => cg.squeeze(x!),
    inputs: values([1, 3, 1]).map((x) => [x]),
    reference: (x) => flat(x!),
  },
  {
    covers: 'slice',
    fn: (x) => cg.slice(x!, { starts: [1, 0], ends: [4, -1], steps: [2, 1] }),
    inputs: values([5, 3]).map((x) => [x]),
    reference: (x) => [1, 3].map((i) => matrix(x!)[i]!.slice(0, 2)),
  },
  {
    covers: 'concat',
    fn: (a, b) => cg.concat([a!, b!, a!], { axis: 1 }),
    inputs: fc.tuple(values([2, 3]), values([2, 1])),
    reference: (a, b) => matrix(a!).map((r, i) => [...r, ...matrix(b!)[i]!, ...r]),
  },
  {
    covers: 'to',
    fn: (x) => cg.to(cg.to(cg.to(x!, { ...cg.cpu, name: 'cpu:2' }), { ...cg.cpu, name: 'cpu:3' }), x!.device),
    inputs: anyTensor(),
    reference: map1((x) => x),
  },
  {
    covers: 'flip',
    fn: (x) => cg.flip(x!),
    inputs: anyTensor(),
    reference: (x) => reversed(x!),
  },
  {
    covers: 'flip',
    variant: 'axis 1',
    fn: (x) => cg.flip(x!, { axis: 1 }),
    inputs: values([2, 3]).map((x) => [x]),
    reference: (x) => matrix(x!).map((r) => [...r].reverse()),
  },
  {
    covers: 'pad',
    // The product makes what fills the gaps matter to second derivatives.
    fn: (x, y) =>
      cg
        .pad(
          x!,
          [
            [1, 0],
            [0, 2],
          ],
          { value: 1.5 },
        )
        .mul(y!),
    inputs: fc.tuple(values([2, 2]), values([3, 4])),
    reference: (x, y) =>
      [[1.5, 1.5, 1.5, 1.5], ...matrix(x!).map((r) => [...r, 1.5, 1.5])].map((r, i) =>
        r.map((v, j) => v * matrix(y!)[i]![j]!),
      ),
  },
  {
    covers: 'stack',
    fn: (a, b) => cg.stack([a!, b!, a!], { axis: -1 }),
    inputs: fc.tuple(values([2, 2]), values([2, 2])),
    reference: (a, b) => matrix(a!).map((r, i) => r.map((v, j) => [v, matrix(b!)[i]![j]!, v])),
  },
  {
    covers: 'split',
    fn: (x) => {
      const [first, second, last] = cg.split(x!, 2, { axis: 1 });
      return cg.concat([last!, first!.mul(second!)], { axis: 1 });
    },
    inputs: values([3, 5]).map((x) => [x]),
    reference: (x) => matrix(x!).map(([a, b, c, d, e]) => [e!, a! * c!, b! * d!]),
  },
  {
    covers: 'gather',
    fn: (x, index) => cg.gather(x!, index!, { axis: 0 }),
    inputs: fc.tuple(values([3, 3]), indices(4, 2, 3)),
    reference: (x, index) => matrix(index!).map((r) => r.map((k, j) => matrix(x!)[k]![j]!)),
  },
  {
    covers: 'gather',
    variant: 'along rows',
    fn: (x, index) => cg.gather(x!, index!),
    inputs: fc.tuple(values([3, 3]), indices(3, 3, 3)),
    reference: (x, index) => matrix(index!).map((r, i) => r.map((k) => matrix(x!)[i]![k]!)),
  },
  {
    covers: 'scatterAdd',
    fn: (x, index, source) => cg.scatterAdd(x!, index!, source!, { axis: 0 }),
    inputs: fc.tuple(values([3, 3]), indices(4, 2, 3), values([4, 2])),
    reference: (x, index, source) => {
      const out = matrix(x!).map((r) => [...r]);
      matrix(index!).forEach((r, i) => {
        r.forEach((k, j) => {
          out[k]![j]! += matrix(source!)[i]![j]!;
        });
      });
      return out;
    },
  },
  {
    covers: 'takeAlongAxis',
    fn: (x, index) => cg.takeAlongAxis(x!, index!),
    inputs: fc.tuple(values([3, 4]), indices(1, 2, 4)),
    reference: (x, index) => matrix(x!).map((r) => matrix(index!)[0]!.map((k) => r[k]!)),
  },
  {
    covers: 'unfold',
    // The product makes what fills the border matter to second derivatives.
    fn: (x, y) => cg.unfold(x!, { kernelSize: 2, stride: [2, 1], padding: [1, 0] }).mul(y!),
    inputs: fc.tuple(values([1, 2, 3, 3]), values([1, 8, 4])),
    reference: (x, y) =>
      (x as number[][][][]).map((channels, n) =>
        channels
          .flatMap((image) =>
            [0, 1].flatMap((i) =>
              [0, 1].map((j) => [-1, 1].flatMap((p) => [0, 1].map((q) => image[p + i]?.[q + j] ?? 0))),
            ),
          )
          .map((row, k) => row.map((v, l) => v * (y as number[][][])[n]![k]![l]!)),
      ),
  },
  {
    covers: 'unfold',
    variant: 'with gaps',
    fn: (x) => cg.unfold(x!, { kernelSize: 1, stride: 2, padding: 1 }),
    inputs: values([1, 2, 3, 3]).map((x) => [x]),
    reference: (x) =>
      (x as number[][][][]).map((channels) =>
        channels.map((image) => [-1, 1, 3].flatMap((p) => [-1, 1, 3].map((q) => image[p]?.[q] ?? 0))),
      ),
  },
  ...(
    [
      ['', { kernelSize: [2, 2], stride: [1, 2], padding: [1, 0] }, [1, 2], [2, 3], 3],
      ['side by side', { kernelSize: [2, 3], stride: [2, 3], padding: [0, 0] }, [2, 1], [2, 6], 2],
      ['side by side, with a rest', { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] }, [1, 2], [3, 2], 1],
    ] as const
  ).map(
    ([variant, options, [n, c], outputSize, count]): Case => ({
      covers: 'fold',
      ...(variant && { variant }),
      fn: (x, y) => cg.fold(x!, { outputSize, ...options }).mul(y!),
      inputs: fc.tuple(
        values([n, c * options.kernelSize[0] * options.kernelSize[1], count]),
        values([n, c, ...outputSize]),
      ),
      reference: (x, y) => {
        const [kh, kw] = options.kernelSize;
        const across = Math.floor((outputSize[1] + 2 * options.padding[1] - kw) / options.stride[1]) + 1;
        return (x as number[][][]).map((columns, index) =>
          Array.from({ length: c }, (_, channel) => {
            const image = Array.from({ length: outputSize[0] }, () => new Array<number>(outputSize[1]).fill(0));
            columns.slice(channel * kh * kw, (channel + 1) * kh * kw).forEach((row, k) => {
              row.forEach((v, l) => {
                const p = Math.floor(l / across) * options.stride[0] - options.padding[0] + Math.floor(k / kw);
                const q = (l % across) * options.stride[1] - options.padding[1] + (k % kw);
                if (image[p]?.[q] !== undefined) image[p][q]! += v;
              });
            });
            return image.map((row, p) => row.map((v, q) => v * (y as number[][][][])[index]![channel]![p]![q]!));
          }),
        );
      },
    }),
  ),
  {
    covers: 'oneHot',
    fn: (y) => cg.oneHot(y!, 3),
    inputs: labels(4, 3).map((y) => [y]),
    reference: (y) => (y as number[]).map((k) => [0, 1, 2].map((j) => (j === k ? 1 : 0))),
    differentiable: false,
  },
];
