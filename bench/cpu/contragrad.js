/** @file contragrad's turns, eager and compiled. */
import {
  compile,
  contrastiveLoss,
  grad,
  infoNCELoss,
  mutualInformationLoss,
  nn,
  optim,
  tensor,
  tripletLoss,
} from '../../dist/index.js';
import { inBursts } from './bursts.js';

const LOSSES = {
  contrastive: ([a, b], labels) => contrastiveLoss(a, b, labels),
  triplet: ([anchor, positive, negative]) => tripletLoss(anchor, positive, negative),
  infoNCE: ([a, b]) => infoNCELoss(a, b, { temperature: 0.1 }),
  mutualInformation: ([a, b]) => mutualInformationLoss(a, b),
};

/** Each operation at once. */
export const eager = { prepare: (workload) => prepare(workload, (step) => step) };
/** Recorded at the first call, then replayed. */
export const compiled = { prepare: (workload) => prepare(workload, compile) };

function prepare(workload, wrap) {
  return { step: trainingStep, matmul: product, loss: lossAlone }[workload.kind](workload, wrap);
}

function trainingStep({ loss, sizes, batch, weights, batches }, wrap) {
  const [size, hidden, out] = sizes;
  const encoder = new nn.Sequential(new nn.Linear(size, hidden), new nn.ReLU(), new nn.Linear(hidden, out));
  const parameters = [...encoder.parameters()];
  for (const [k, parameter] of parameters.entries()) parameter.assign(tensor(weights[k], { shape: parameter.shape }));
  const optimizer = new optim.Adam(parameters, { lr: 1e-3 });
  const pool = batches.map(({ a, b, labels }) => [
    tensor(a, { shape: [batch, size] }),
    tensor(b, { shape: [batch, size] }),
    tensor(labels, { dtype: 'int32' }),
  ]);
  const step = wrap((a, b, labels) => {
    const value = LOSSES[loss]([encoder.forward(a), encoder.forward(b)], labels);
    optimizer.zeroGrad();
    value.backward();
    optimizer.step();
    return value;
  });
  return {
    burst: inBursts(
      (k) => step(...pool[k % pool.length]),
      (value) => [value.item()],
    ),
    gradient: () => parameters[0].grad.dataSync(),
    executor: () => step.plan?.executor,
  };
}

function product({ n, a, b }, wrap) {
  const factors = [a, b].map((data) => tensor(data, { shape: [n, n] }));
  const step = wrap((x, y) => x.matmul(y));
  return {
    burst: inBursts(
      () => step(...factors),
      (result) => result.dataSync().subarray(0, n),
    ),
    executor: () => step.plan?.executor,
  };
}

function lossAlone({ loss, n, dim, rows, labels }, wrap) {
  const inputs = rows.map((data) => tensor(data, { shape: [n, dim], requiresGrad: true }));
  const classes = tensor(labels, { dtype: 'int32' });
  const step = wrap((ids, ...leaves) => {
    const value = LOSSES[loss](leaves, ids);
    return [value, ...grad(value, leaves)];
  });
  return {
    burst: inBursts(
      () => step(classes, ...inputs),
      ([value, first]) => [
        value.item(),
        ...first
          .dataSync()
          .subarray(0, dim)
          .map((g) => n * g),
      ],
    ),
    executor: () => step.plan?.executor,
  };
}
