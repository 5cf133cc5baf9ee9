/** @file jax-js's turns, eager. Its operations consume their operands, unless they are passed as `.ref`. */
import { defaultDevice, grad, init, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import { batch, matrix, weights } from './inputs.js';

const normalized = (x) => x.ref.div(np.sqrt(np.square(x).sum(1, { keepdims: true })));

function infoNCE([a, b], eye) {
  const scores = np.matmul(normalized(a), np.transpose(normalized(b))).mul(2);
  return nn.logSoftmax(scores, 1).mul(eye.ref).sum().neg();
}

/** All pairs of a batch: squared distance where the labels agree, squared hinge where not. */
function contrastive(z, { same, upper, pairs }) {
  const difference = np.expandDims(z.ref, 1).sub(np.expandDims(z, 0));
  const squared = np.square(difference).sum(2);
  const distance = np.sqrt(squared.ref.add(1e-12));
  const hinge = np.square(nn.relu(distance.neg().add(1)));
  return np
    .where(same.ref, squared, hinge)
    .mul(upper.ref)
    .sum()
    .div(2 * pairs);
}

function encode([firstWeight, firstBias, secondWeight, secondBias], rows) {
  const hidden = nn.relu(np.matmul(rows, np.transpose(firstWeight)).add(firstBias));
  return np.matmul(hidden, np.transpose(secondWeight)).add(secondBias);
}

/** Adam's update: parameters and both moments in place of the old ones. */
function adam({ parameters, means, squares }, gradients, step) {
  for (const [k, gradient] of gradients.entries()) {
    means[k] = means[k].mul(0.9).add(gradient.ref.mul(0.1));
    squares[k] = squares[k].mul(0.999).add(np.square(gradient).mul(0.001));
    const mean = means[k].ref.div(1 - 0.9 ** step);
    const scale = np.sqrt(squares[k].ref.div(1 - 0.999 ** step)).add(1e-8);
    parameters[k] = parameters[k].sub(mean.div(scale).mul(1e-3));
  }
}

export function jax(backend) {
  return {
    name: `jax-js ${backend}`,
    async prepare(workload) {
      const [kind, size] = workload.split(' ');
      const n = Number(size);
      const started = await init(backend);
      if (!started.includes(backend)) throw new Error(`${backend} does not start`);
      const place = (data, shape) => np.array(data, { shape, dtype: np.float32, device: backend });
      const within = (run) => async () => {
        defaultDevice(backend);
        return run();
      };
      defaultDevice(backend);
      if (kind === 'matmul') {
        const a = place(matrix(n, n, 1), [n, n]);
        const b = place(matrix(n, n, 2), [n, n]);
        return within(async () => (await np.matmul(a.ref, b.ref).data())[n + 1]);
      }
      if (kind === 'infonce') {
        const a = place(matrix(n, 128, 1), [n, 128]);
        const b = place(matrix(n, 128, 2), [n, 128]);
        const eye = np.eye(n);
        const both = grad((parts) => infoNCE(parts, eye).div(n));
        return within(async () => {
          const [first, second] = both([a.ref, b.ref]);
          second.dispose();
          return 100 * (await first.data())[1];
        });
      }
      const { x, labels, count, size: width } = batch();
      const rows = Array.from({ length: count }, (_, i) => i);
      const pairs = {
        same: np.array(rows.map((i) => rows.map((j) => labels[i] === labels[j]))),
        upper: np.array(rows.map((i) => rows.map((j) => (j > i ? 1 : 0)))),
        pairs: (count * (count - 1)) / 2,
      };
      const parameters = [
        place(Float32Array.from(weights.first), [64, width]),
        np.zeros([64]),
        place(Float32Array.from(weights.second), [16, 64]),
        np.zeros([16]),
      ];
      const zeros = () => parameters.map(({ shape }) => np.zeros(shape));
      const state = { parameters, means: zeros(), squares: zeros() };
      const differentiated = valueAndGrad((values, input) => contrastive(encode(values, input), pairs));
      let step = 0;
      return within(async () => {
        const input = place(Float32Array.from(x), [count, width]);
        const [loss, gradients] = differentiated(
          state.parameters.map(({ ref }) => ref),
          input,
        );
        adam(state, gradients, ++step);
        return (await loss.data())[0];
      });
    },
  };
}
