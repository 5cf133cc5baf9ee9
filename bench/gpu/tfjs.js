/** @file TensorFlow.js's turns, eager, inside tidy. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-core/dist/register_all_gradients.js';
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import { batch, matrix, weights } from './inputs.js';

const read = async (tensor) => {
  const values = await tensor.data();
  tensor.dispose();
  return values;
};

const normalized = (x) => x.div(x.square().sum(1, true).sqrt());

/** The mean over both directions of the cross-entropy along the diagonal. */
function infoNCE(a, b, eye) {
  const scores = tf.matMul(normalized(a), normalized(b), false, true).div(0.5);
  return tf.logSoftmax(scores, 1).mul(eye).sum(1).mean().neg();
}

/** All pairs of a batch: squared distance where the labels agree, squared hinge where not. */
function contrastive(z, same, upper, pairs) {
  const difference = z.expandDims(1).sub(z.expandDims(0));
  const squared = difference.square().sum(2);
  const distance = squared.add(1e-12).sqrt();
  const hinge = tf.relu(tf.sub(1, distance)).square();
  return tf
    .where(same, squared, hinge)
    .mul(upper)
    .sum()
    .div(2 * pairs);
}

export function tfjs(backend) {
  return {
    name: `TF.js ${backend}`,
    async prepare(workload) {
      const [kind, size] = workload.split(' ');
      const n = Number(size);
      if (!(await tf.setBackend(backend))) throw new Error(`${backend} does not start`);
      await tf.ready();
      const within =
        (run) =>
        async (...args) => {
          if (tf.getBackend() !== backend) tf.setBackend(backend);
          return run(...args);
        };
      if (kind === 'matmul') {
        const a = tf.tensor2d(matrix(n, n, 1), [n, n]);
        const b = tf.tensor2d(matrix(n, n, 2), [n, n]);
        return within(async () => (await read(tf.matMul(a, b)))[n + 1]);
      }
      if (kind === 'infonce') {
        const a = tf.tensor2d(matrix(n, 128, 1), [n, 128]);
        const b = tf.tensor2d(matrix(n, 128, 2), [n, 128]);
        const eye = tf.eye(n);
        const both = tf.valueAndGrads((x, y) => infoNCE(x, y, eye));
        return within(async () => {
          const { value, grads } = tf.tidy(() => both([a, b]));
          await read(value);
          const first = await read(grads[0]);
          grads[1].dispose();
          return 100 * first[1];
        });
      }
      const { x, labels, count, size: width } = batch();
      const pairs = (count * (count - 1)) / 2;
      const [same, upper] = [[], []];
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < count; j++) {
          same.push(labels[i] === labels[j]);
          upper.push(j > i ? 1 : 0);
        }
      }
      const sameMask = tf.tensor2d(same, [count, count], 'bool');
      const upperMask = tf.tensor2d(upper, [count, count]);
      const variables = [
        tf.variable(tf.tensor2d(weights.first, [64, width])),
        tf.variable(tf.zeros([64])),
        tf.variable(tf.tensor2d(weights.second, [16, 64])),
        tf.variable(tf.zeros([16])),
      ];
      const optimizer = tf.train.adam(1e-3);
      return within(async () => {
        const rows = tf.tensor2d(x, [count, width]);
        const loss = optimizer.minimize(
          () => {
            const hidden = tf.relu(tf.matMul(rows, variables[0], false, true).add(variables[1]));
            const z = tf.matMul(hidden, variables[2], false, true).add(variables[3]);
            return contrastive(z, sameMask, upperMask, pairs);
          },
          true,
          variables,
        );
        rows.dispose();
        return (await read(loss))[0];
      });
    },
  };
}
