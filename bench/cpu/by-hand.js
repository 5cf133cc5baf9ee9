/** @file No library: plain loops over typed arrays, the gradients derived by hand. */
import { inBursts } from './bursts.js';

/** What a patient programmer would write. */
export const byHand = {
  prepare: (workload) => ({ step: trainingStep, matmul: product, loss: () => null })[workload.kind](workload),
};

/** `out[n, m] = Σ x[n, k] y[m, k]`: rows with rows. */
function rowsWithRows(out, x, y, [n, m, k]) {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += x[i * k + l] * y[j * k + l];
      out[i * m + j] = sum;
    }
  }
}

/** `out[n, m] += Σ x[n, k] y[k, m]`. */
function addProduct(out, x, y, [n, m, k]) {
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < k; l++) {
      const factor = x[i * k + l];
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) out[i * m + j] += factor * y[l * m + j];
    }
  }
}

/** `out[n, m] += Σ x[k, n] y[k, m]`. */
function addTransposedProduct(out, x, y, [n, m, k]) {
  for (let l = 0; l < k; l++) {
    for (let i = 0; i < n; i++) {
      const factor = x[l * n + i];
      if (factor === 0) continue;
      for (let j = 0; j < m; j++) out[i * m + j] += factor * y[l * m + j];
    }
  }
}

function addBias(rows, bias) {
  for (let k = 0; k < rows.length; k++) rows[k] += bias[k % bias.length];
}

function addColumnSums(out, rows) {
  for (let k = 0; k < rows.length; k++) out[k % out.length] += rows[k];
}

/** What one pass through the encoder leaves for the way back. */
function tower(count, [, hidden, out]) {
  return {
    x: null,
    hidden: new Float32Array(count * hidden),
    z: new Float32Array(count * out),
    hiddenGradient: new Float32Array(count * hidden),
    zGradient: new Float32Array(count * out),
  };
}

function forward(pass, x, [firstWeight, firstBias, secondWeight, secondBias], count, [size, hidden, out]) {
  pass.x = x;
  rowsWithRows(pass.hidden, x, firstWeight, [count, hidden, size]);
  addBias(pass.hidden, firstBias);
  for (let k = 0; k < pass.hidden.length; k++) pass.hidden[k] = Math.max(pass.hidden[k], 0);
  rowsWithRows(pass.z, pass.hidden, secondWeight, [count, out, hidden]);
  addBias(pass.z, secondBias);
}

/** Adds to the gradients of the parameters what the gradient of `z` makes of them. */
function backward(pass, secondWeight, gradients, count, [size, hidden, out]) {
  const [firstWeight, firstBias, second, secondBias] = gradients;
  addTransposedProduct(second, pass.zGradient, pass.hidden, [out, hidden, count]);
  addColumnSums(secondBias, pass.zGradient);
  pass.hiddenGradient.fill(0);
  addProduct(pass.hiddenGradient, pass.zGradient, secondWeight, [count, hidden, out]);
  for (let k = 0; k < pass.hidden.length; k++) if (pass.hidden[k] === 0) pass.hiddenGradient[k] = 0;
  addTransposedProduct(firstWeight, pass.hiddenGradient, pass.x, [hidden, size, count]);
  addColumnSums(firstBias, pass.hiddenGradient);
}

/** ½ D² for the same, ½ max(1 - D, 0)² for different ones; the gradients go into the towers. */
function contrastive(count, dim) {
  return (a, b, labels) => {
    let loss = 0;
    for (let i = 0; i < count; i++) {
      let squared = 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) squared += (a.z[k] - b.z[k]) ** 2;
      const distance = Math.sqrt(squared);
      const hinge = Math.max(1 - distance, 0);
      loss += (labels[i] === 1 ? squared : hinge ** 2) / (2 * count);
      const scale = labels[i] === 1 ? 1 / count : distance > 0 ? -hinge / (distance * count) : 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) {
        a.zGradient[k] = scale * (a.z[k] - b.z[k]);
        b.zGradient[k] = -a.zGradient[k];
      }
    }
    return loss;
  };
}

function infoNCE(count, dim) {
  const temperature = 0.1;
  const [lengths, units, unitGradients] = [0, 1, 2].map((k) =>
    [0, 1].map(() => new Float32Array(k === 0 ? count : count * dim)),
  );
  const scores = new Float32Array(count * count);

  const normalize = (z, length, unit) => {
    for (let i = 0; i < count; i++) {
      let squared = 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) squared += z[k] * z[k];
      length[i] = Math.sqrt(squared);
      for (let k = i * dim; k < (i + 1) * dim; k++) unit[k] = z[k] / length[i];
    }
  };
  /** The part of the gradient across the unit vector, over the length. */
  const normalizeBack = (zGradient, length, unit, gradient) => {
    for (let i = 0; i < count; i++) {
      let along = 0;
      for (let k = i * dim; k < (i + 1) * dim; k++) along += unit[k] * gradient[k];
      for (let k = i * dim; k < (i + 1) * dim; k++) zGradient[k] = (gradient[k] - along * unit[k]) / length[i];
    }
  };
  return (a, b) => {
    for (const [k, { z }] of [a, b].entries()) normalize(z, lengths[k], units[k]);
    rowsWithRows(scores, units[0], units[1], [count, count, dim]);
    let loss = 0;
    for (let i = 0; i < count; i++) {
      const row = scores.subarray(i * count, (i + 1) * count);
      let largest = Number.NEGATIVE_INFINITY;
      for (let j = 0; j < count; j++) largest = Math.max(largest, row[j] / temperature);
      let sum = 0;
      for (let j = 0; j < count; j++) sum += Math.exp(row[j] / temperature - largest);
      const logSum = largest + Math.log(sum);
      loss += (logSum - row[i] / temperature) / count;
      // From here on the row holds the gradient of its scores: (P - I) / (N τ).
      for (let j = 0; j < count; j++) {
        row[j] = (Math.exp(row[j] / temperature - logSum) - (i === j ? 1 : 0)) / (count * temperature);
      }
    }
    for (const gradient of unitGradients) gradient.fill(0);
    addProduct(unitGradients[0], scores, units[1], [count, dim, count]);
    addTransposedProduct(unitGradients[1], scores, units[0], [count, dim, count]);
    for (const [k, { zGradient }] of [a, b].entries()) {
      normalizeBack(zGradient, lengths[k], units[k], unitGradients[k]);
    }
    return loss;
  };
}

function adam(parameters) {
  const state = parameters.map(({ length }) => ({ mean: new Float32Array(length), square: new Float32Array(length) }));
  let count = 0;
  return (gradients) => {
    count++;
    const [meanCorrection, squareCorrection] = [1 - 0.9 ** count, 1 - 0.999 ** count];
    for (const [index, { mean, square }] of state.entries()) {
      const [parameter, gradient] = [parameters[index], gradients[index]];
      for (let k = 0; k < parameter.length; k++) {
        mean[k] = 0.9 * mean[k] + 0.1 * gradient[k];
        square[k] = 0.999 * square[k] + 0.001 * gradient[k] ** 2;
        parameter[k] -= (1e-3 * mean[k]) / meanCorrection / (Math.sqrt(square[k] / squareCorrection) + 1e-8);
      }
    }
  };
}

function trainingStep({ loss, sizes, batch, weights, batches }) {
  const parameters = weights.map((data) => data.slice());
  const gradients = weights.map(({ length }) => new Float32Array(length));
  const [a, b] = [tower(batch, sizes), tower(batch, sizes)];
  const lossOf = { contrastive, infoNCE }[loss](batch, sizes.at(-1));
  const update = adam(parameters);
  return {
    burst: inBursts(
      (k) => {
        const inputs = batches[k % batches.length];
        forward(a, inputs.a, parameters, batch, sizes);
        forward(b, inputs.b, parameters, batch, sizes);
        const value = lossOf(a, b, inputs.labels);
        for (const gradient of gradients) gradient.fill(0);
        for (const pass of [a, b]) backward(pass, parameters[2], gradients, batch, sizes);
        update(gradients);
        return value;
      },
      (value) => [value],
    ),
    gradient: () => gradients[0],
  };
}

function product({ n, a, b }) {
  const out = new Float32Array(n * n);
  return {
    burst: inBursts(
      () => {
        out.fill(0);
        addProduct(out, a, b, [n, n, n]);
        return out;
      },
      (result) => result.subarray(0, n),
    ),
  };
}
