/** @file TensorFlow.js' turns: its WebAssembly backend with SIMD on one thread, eager, inside tidy. */
import { createRequire } from 'node:module';
import { inBursts } from './bursts.js';
import { BINARIES, bundle, PATH } from './tfjs-bundle.js';

/** Throws where the backend would be another than the one named. */
export async function start() {
  await bundle();
  const tf = createRequire(import.meta.url)(PATH);
  tf.setWasmPaths(BINARIES);
  tf.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) throw new Error('the wasm backend does not start');
  if (!tf.env().getBool('WASM_HAS_SIMD_SUPPORT')) throw new Error('no SIMD');
  return {
    prepare: (workload) => ({ step: trainingStep, matmul: product, loss: lossAlone })[workload.kind](workload, tf),
  };
}

const normalized = (x) => x.div(x.square().sum(1, true).sqrt());

/** The mean cross-entropy along the diagonal. */
function diagonal(tf, scores) {
  const n = scores.shape[0];
  return tf.logSoftmax(scores, 1).mul(tf.eye(n)).sum().div(-n);
}

/** The losses of contragrad, as one would write them here. */
const LOSSES = {
  contrastive(tf, [a, b], labels) {
    const squared = a.sub(b).square().sum(1);
    const hinge = tf.relu(tf.sub(1, squared.sqrt())).square();
    return tf.where(labels, squared, hinge).mean().mul(0.5);
  },
  triplet: (tf, [anchor, positive, negative]) =>
    tf.relu(anchor.sub(positive).square().sum(1).sub(anchor.sub(negative).square().sum(1)).add(1)).mean(),
  infoNCE: (tf, [a, b]) => diagonal(tf, tf.matMul(normalized(a), normalized(b), false, true).div(0.1)),
  mutualInformation: (tf, [a, b]) => diagonal(tf, tf.matMul(a, b, false, true)),
};

function trainingStep({ loss, sizes, batch, weights, batches }, tf) {
  const [size, hidden, out] = sizes;
  const shapes = [[hidden, size], [hidden], [out, hidden], [out]];
  const variables = weights.map((data, k) => tf.variable(tf.tensor(data, shapes[k])));
  const [firstWeight, firstBias, secondWeight, secondBias] = variables;
  const encode = (x) =>
    tf
      .matMul(tf.relu(tf.matMul(x, firstWeight, false, true).add(firstBias)), secondWeight, false, true)
      .add(secondBias);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const pool = batches.map(({ a, b, labels }) => [
    tf.tensor2d(a, [batch, size]),
    tf.tensor2d(b, [batch, size]),
    tf.tensor1d(labels, 'bool'),
  ]);
  let last;
  return {
    burst: inBursts(
      (k) => {
        const [a, b, labels] = pool[k % pool.length];
        last?.dispose();
        last = optimizer.minimize(() => LOSSES[loss](tf, [encode(a), encode(b)], labels), true, variables);
        return last;
      },
      (value) => value.dataSync(),
    ),
    end() {
      tf.disposeVariables();
      tf.dispose([pool, last]);
    },
  };
}

function product({ n, a, b }, tf) {
  const factors = [a, b].map((data) => tf.tensor2d(data, [n, n]));
  let last;
  return {
    burst: inBursts(
      () => {
        last?.dispose();
        last = tf.matMul(...factors);
        return last;
      },
      (result) => result.dataSync().subarray(0, n),
    ),
    end: () => tf.dispose([factors, last]),
  };
}

function lossAlone({ loss, n, dim, rows, labels }, tf) {
  const inputs = rows.map((data) => tf.tensor2d(data, [n, dim]));
  const classes = tf.tensor1d(labels, 'bool');
  const differentiated = tf.valueAndGrads((...leaves) => LOSSES[loss](tf, leaves, classes));
  let last;
  return {
    burst: inBursts(
      () => {
        tf.dispose(last);
        last = tf.tidy(() => differentiated(inputs));
        return last;
      },
      ({ value, grads }) => [
        value.dataSync()[0],
        ...grads[0]
          .dataSync()
          .subarray(0, dim)
          .map((g) => n * g),
      ],
    ),
    end: () => tf.dispose([inputs, classes, last]),
  };
}
