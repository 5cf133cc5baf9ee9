/** @file What is raced, with the same numbers for every engine. */
import { Generator } from '../../dist/index.js';

/** Encoders of one hidden layer; the pool holds so many batches that no engine could keep the results of one. */
const ENCODERS = {
  S: { sizes: [2, 16, 2], batch: 32, pool: 64 },
  M: { sizes: [64, 128, 32], batch: 64, pool: 64 },
  L: { sizes: [784, 256, 64], batch: 256, pool: 16 },
};

/** `count` numbers in ±scale. */
function uniform(generator, count, scale = 1) {
  return Float32Array.from({ length: count }, () => scale * (2 * generator.uniform() - 1));
}

/** Weights `[out, in]` and bias of each layer, in the order of an encoder's parameters. */
function initialWeights(generator, sizes) {
  return sizes.slice(1).flatMap((out, layer) => {
    const bound = 1 / Math.sqrt(sizes[layer]);
    return [uniform(generator, out * sizes[layer], bound), uniform(generator, out, bound)];
  });
}

/** Rows and partners: near where the label is 1, unrelated where it is 0. */
function pairs(generator, count, size, labels) {
  const a = uniform(generator, count * size);
  const b = uniform(generator, count * size).map((value, k) =>
    labels[Math.floor(k / size)] === 1 ? a[k] + 0.3 * value : value,
  );
  return { a, b, labels };
}

function trainingStep(encoder, loss) {
  const { sizes, batch, pool } = ENCODERS[encoder];
  const generator = new Generator(1);
  const label = () => (loss === 'infoNCE' ? 1 : generator.integer(2));
  return {
    kind: 'step',
    loss,
    sizes,
    batch,
    weights: initialWeights(generator, sizes),
    batches: Array.from({ length: pool }, () =>
      pairs(generator, batch, sizes[0], Int32Array.from({ length: batch }, label)),
    ),
  };
}

function product(n) {
  const generator = new Generator(2);
  return { kind: 'matmul', n, a: uniform(generator, n * n), b: uniform(generator, n * n) };
}

function lossAlone(loss, n) {
  const [generator, dim] = [new Generator(3), 32];
  const { a, b, labels } = pairs(
    generator,
    n,
    dim,
    Int32Array.from({ length: n }, (_, k) => k % 2),
  );
  const rows = loss === 'triplet' ? [a, b, uniform(generator, n * dim)] : [a, b];
  return { kind: 'loss', loss, n, dim, rows, labels };
}

const powersOfTwo = (from, to) => (from > to ? [] : [from, ...powersOfTwo(2 * from, to)]);

/** The workloads by group; each makes its numbers when its turn has come. */
export const GROUPS = {
  ...Object.fromEntries(
    Object.keys(ENCODERS).map((encoder) => [
      encoder,
      ['contrastive', 'infoNCE'].map((loss) => ({
        name: `${encoder} ${loss}`,
        make: () => trainingStep(encoder, loss),
      })),
    ]),
  ),
  matmul: powersOfTwo(8, 1024).map((n) => ({ name: `matmul ${n}`, make: () => product(n) })),
  losses: ['contrastive', 'triplet', 'infoNCE', 'mutualInformation'].flatMap((loss) =>
    powersOfTwo(64, 2048).map((n) => ({ name: `${loss} ${n}`, make: () => lossAlone(loss, n) })),
  ),
};
