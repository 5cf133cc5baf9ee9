/** @file jax-js's turns: jit on its WebAssembly backend. Operations consume their operands, unless passed as `.ref`. */
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { inBursts } from './bursts.js';

/** Throws where the backend would be another than the one named. */
export async function start() {
  // Named, since without a name it looks for a GPU through `navigator`, which Node 20 does not have.
  if (!(await init('wasm')).includes('wasm')) throw new Error('the wasm backend does not start');
  defaultDevice('wasm');
  return {
    prepare: (workload) => ({ step: trainingStep, matmul: product, loss: () => null })[workload.kind](workload),
  };
}

const place = (data, shape) => np.array(Float32Array.from(data), { shape, dtype: np.float32 });
const normalized = (x) => x.ref.div(np.sqrt(np.square(x).sum(1, { keepdims: true })));

const LOSSES = {
  contrastive(a, b, labels) {
    const squared = np.square(a.sub(b)).sum(1);
    const hinge = np.square(nn.relu(np.sqrt(squared.ref).neg().add(1)));
    return squared
      .mul(labels.ref)
      .add(hinge.mul(labels.neg().add(1)))
      .mean()
      .mul(0.5);
  },
  infoNCE(a, b, labels) {
    labels.dispose();
    const n = a.shape[0];
    const scores = np.matmul(normalized(a), np.transpose(normalized(b))).mul(10);
    return nn.logSoftmax(scores, 1).mul(np.eye(n)).sum().div(-n);
  },
};

function encode([firstWeight, firstBias, secondWeight, secondBias], rows) {
  const hidden = nn.relu(np.matmul(rows, np.transpose(firstWeight)).add(firstBias));
  return np.matmul(hidden, np.transpose(secondWeight)).add(secondBias);
}

/** Adam: parameters and both moments after the step numbered `count`, an array, so that jit need not be told again. */
function adam({ parameters, means, squares, count }, gradients) {
  const next = { parameters: [], means: [], squares: [], count: count.add(1) };
  const correction = (beta) =>
    np
      .exp(next.count.ref.mul(Math.log(beta)))
      .neg()
      .add(1);
  for (const [k, gradient] of gradients.entries()) {
    next.means[k] = means[k].mul(0.9).add(gradient.ref.mul(0.1));
    next.squares[k] = squares[k].mul(0.999).add(np.square(gradient).mul(0.001));
    const mean = next.means[k].ref.div(correction(0.9));
    const scale = np.sqrt(next.squares[k].ref.div(correction(0.999))).add(1e-8);
    next.parameters[k] = parameters[k].sub(mean.div(scale).mul(1e-3));
  }
  return next;
}

function trainingStep({ loss, sizes, batch, weights, batches }) {
  const [size, hidden, out] = sizes;
  const shapes = [[hidden, size], [hidden], [out, hidden], [out]];
  const parameters = weights.map((data, k) => place(data, shapes[k]));
  const zeros = () => shapes.map((shape) => np.zeros(shape));
  let state = { parameters, means: zeros(), squares: zeros(), count: place([0], []) };
  const pool = batches.map(({ a, b, labels }) => [
    place(a, [batch, size]),
    place(b, [batch, size]),
    place(labels, [batch]),
  ]);
  const differentiated = valueAndGrad((values, a, b, labels) =>
    LOSSES[loss](encode(tree.ref(values), a), encode(values, b), labels),
  );
  const step = jit((before, a, b, labels) => {
    const [value, gradients] = differentiated(tree.ref(before.parameters), a, b, labels);
    return [value, adam(before, gradients)];
  });
  let last;
  return {
    burst: inBursts(
      (k) => {
        last?.dispose();
        [last, state] = step(state, ...tree.ref(pool[k % pool.length]));
        return last;
      },
      (value) => value.ref.data(),
    ),
    end() {
      tree.dispose([state, pool, last]);
      step.dispose();
    },
  };
}

function product({ n, a, b }) {
  const factors = [a, b].map((data) => place(data, [n, n]));
  const step = jit((x, y) => np.matmul(x, y));
  return {
    burst: inBursts(
      // Read at each step: a product that is disposed of unread is never computed.
      () => step(...tree.ref(factors)).dataSync(),
      (result) => result.subarray(0, n),
    ),
    end() {
      tree.dispose(factors);
      step.dispose();
    },
  };
}
