/** @file jax-js's turns, eager. */
import { defaultDevice, grad, init, nn, numpy as np } from '@jax-js/jax';
import { matrix } from './inputs.js';

const normalized = (x) => x.ref.div(np.sqrt(np.square(x).sum(1, { keepdims: true })));

function infoNCE([a, b], eye) {
  const scores = np.matmul(normalized(a), np.transpose(normalized(b))).mul(2);
  return nn.logSoftmax(scores, 1).mul(eye.ref).sum().neg();
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
      return null;
    },
  };
}
