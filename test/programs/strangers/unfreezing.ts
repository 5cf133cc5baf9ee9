/** @file Fine-tuning: a head on a frozen body, whose layers join one after another. */
import { nn, optim, type Tensor, takeAlongAxis } from '../../../src/index.js';
import { double, type Given, type Learned, STEPS } from './given.js';

class Classifier extends nn.Module {
  readonly body = new nn.ModuleList([new nn.Linear(6, 8, double), new nn.Linear(8, 8, double)]);
  readonly norm = new nn.BatchNorm1d(8, double);
  readonly head = new nn.Linear(8, 3, double);

  override forward(x: Tensor): Tensor {
    let hidden = x;
    for (const layer of this.body) hidden = layer.forward(hidden).tanh();
    return this.head.forward(this.norm.forward(hidden));
  }
}

export function unfreezing({ data: { rows, labels }, state, wrap }: Given): Learned {
  const module = new Classifier();
  module.loadStateDict(state);
  for (const parameter of module.body.parameters()) parameter.requiresGrad = false;
  const optimizer = new optim.Adam(module.parameters(), { lr: 0.01 });
  const step = wrap((x: Tensor, wanted: Tensor) => {
    const scores = module.forward(x).logSoftmax();
    const loss = takeAlongAxis(scores, wanted.expandDims(1), { axis: 1 }).mean().neg();
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses = Array.from({ length: STEPS }, (_, k) => {
    const joins = k === 20 ? module.body.at(1) : k === 35 ? module.body.at(0) : undefined;
    for (const parameter of joins?.parameters() ?? []) parameter.requiresGrad = true;
    return step(rows!, labels!).item();
  });
  return { losses, module };
}
