/** @file Two moons, told apart as in micrograd's demo: a hinge loss with L2, and a learning rate that falls with each step. */
import { nn, optim, type Tensor } from '../../../src/index.js';
import { double, type Given, type Learned, STEPS } from './given.js';

export function moons({ data: { points, labels }, state, wrap }: Given): Learned {
  const module = new nn.Sequential(
    new nn.Linear(2, 16, double),
    new nn.ReLU(),
    new nn.Linear(16, 16, double),
    new nn.ReLU(),
    new nn.Linear(16, 1, double),
  );
  module.loadStateDict(state);
  const optimizer = new optim.SGD(module.parameters(), { lr: 1 });
  const step = wrap((x: Tensor, y: Tensor) => {
    const scores = module.forward(x).squeeze({ axis: 1 });
    const hinge = y.mul(scores).neg().add(1).relu().mean();
    const squares = module.parameters().map((p) => p.square().sum());
    const loss = squares
      .reduce((sum, part) => sum.add(part))
      .mul(1e-4)
      .add(hinge);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses = Array.from({ length: STEPS }, (_, k) => {
    optimizer.lr = 1 - (0.9 * k) / 100;
    return step(points!, labels!).item();
  });
  return { losses, module };
}
