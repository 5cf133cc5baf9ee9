/** @file contragrad's turns. */
import { gpu } from '../../dist/devices/gpu/index.js';
import { batchContrastiveLoss, infoNCELoss, nn, optim, scope, tensor } from '../../dist/index.js';
import { batch, matrix, weights } from './inputs.js';

export function contragrad(mode) {
  let opened;
  return {
    name: `contragrad ${mode}`,
    async prepare(workload) {
      opened ??= gpu({ mode });
      const device = await opened;
      const [kind, size] = workload.split(' ');
      const n = Number(size);
      const place = (data, shape, requiresGrad = false) => tensor(data, { shape, device, requiresGrad });
      if (kind === 'matmul') {
        const a = place(matrix(n, n, 1), [n, n]);
        const b = place(matrix(n, n, 2), [n, n]);
        return async () => (await scope(() => a.matmul(b)).data())[n + 1];
      }
      if (kind === 'infonce') {
        const a = place(matrix(n, 128, 1), [n, 128], true);
        const b = place(matrix(n, 128, 2), [n, 128], true);
        return async () => {
          const loss = scope(() => {
            a.grad = null;
            b.grad = null;
            const value = infoNCELoss(a, b, { temperature: 0.5 });
            value.backward();
            return value;
          });
          await loss.data();
          return 100 * (await a.grad.data())[1];
        };
      }
      const { x, labels, count, size: width } = batch();
      const encoder = new nn.Sequential(new nn.Linear(width, 64), new nn.ReLU(), new nn.Linear(64, 16));
      const [first, second] = [encoder.layers[0], encoder.layers[2]];
      first.weight.assign(tensor(weights.first, { shape: [64, width] }));
      second.weight.assign(tensor(weights.second, { shape: [16, 64] }));
      for (const layer of [first, second]) layer.bias.assign(layer.bias.detach().mul(0));
      encoder.to(device);
      const optimizer = new optim.Adam(encoder.parameters(), { lr: 1e-3 });
      return async () => {
        const loss = scope(() => {
          const value = batchContrastiveLoss(encoder.forward(place(x, [count, width])), labels);
          optimizer.zeroGrad();
          value.backward();
          optimizer.step();
          return value;
        });
        return (await loss.data())[0];
      };
    },
  };
}
