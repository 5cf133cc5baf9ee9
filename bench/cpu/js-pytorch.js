/** @file js-pytorch's turns. Its tensors are nested arrays. */
import { torch } from 'js-pytorch';
import { inBursts } from './bursts.js';

/** Beyond this size one product takes seconds. */
const LARGEST_PRODUCT = 256;

/** What it computes is its own: see `drifts`. */
export const start = () => ({
  // A sum along the rows of a square matrix sends gradients down its columns, and Adam corrects no bias.
  drifts: true,
  prepare: (workload) => ({ step: trainingStep, matmul: product, loss: () => null })[workload.kind](workload),
});

const nested = (data, columns) =>
  Array.from({ length: data.length / columns }, (_, row) =>
    Array.from(data.subarray(row * columns, (row + 1) * columns)),
  );

const transposed = (rows) => rows[0].map((_, column) => rows.map((row) => row[column]));

/** `keepdims` repeats the sum along the row, so that it divides the row. */
const normalized = (x) => x.div(x.pow(2).sum(1, true).sqrt());

/** Not its own ReLU, which lets a thousandth of what is negative through. */
const relu = (x) => x.masked_fill(x, (value) => value < 0, 0);

const LOSSES = {
  contrastive(a, b, { same, different }) {
    const squared = a.sub(b).pow(2).sum(1);
    const hinge = relu(squared.sqrt().neg().add(1)).pow(2);
    return squared.mul(same).add(hinge.mul(different)).mul(0.5).mean(0);
  },
  infoNCE(a, b, { rows }) {
    const scores = normalized(a).matmul(normalized(b).transpose(0, 1)).mul(10);
    return scores.exp().sum(1).log().sub(scores.at(rows, rows)).mean(0);
  },
};

function trainingStep({ loss, sizes, batch, weights, batches }) {
  const [size, hidden, out] = sizes;
  const layers = [new torch.nn.Linear(size, hidden), new torch.nn.Linear(hidden, out)];
  for (const [k, layer] of layers.entries()) {
    layer.W._data = transposed(nested(weights[2 * k], sizes[k]));
    layer.b._data = Array.from(weights[2 * k + 1]);
  }
  const optimizer = new torch.optim.Adam(
    layers.flatMap(({ W, b }) => [W, b]),
    1e-3,
    0,
    [0.9, 0.999],
    1e-8,
  );
  const encode = (x) => layers[1].forward(relu(layers[0].forward(x)));
  const pool = batches.map(({ a, b, labels }) => ({
    a: torch.tensor(nested(a, size)),
    b: torch.tensor(nested(b, size)),
    same: torch.tensor(Array.from(labels)),
    different: torch.tensor(Array.from(labels, (label) => 1 - label)),
    rows: Array.from({ length: batch }, (_, row) => row),
  }));
  return {
    burst: inBursts(
      (k) => {
        const { a, b, ...terms } = pool[k % pool.length];
        optimizer.zero_grad();
        const value = LOSSES[loss](encode(a), encode(b), terms);
        value.backward();
        optimizer.step();
        return value;
      },
      (value) => [value.data].flat(),
    ),
    gradient: () => transposed(layers[0].W.grad).flat(),
  };
}

function product({ n, a, b }) {
  if (n > LARGEST_PRODUCT) throw new Error(`left out beyond ${LARGEST_PRODUCT}, where one product takes seconds`);
  const factors = [a, b].map((data) => torch.tensor(nested(data, n)));
  return {
    burst: inBursts(
      () => factors[0].matmul(factors[1]),
      (result) => result.data[0],
    ),
  };
}
