/** @file A tied autoencoder: the decoder's weight is the encoder's, transposed, and codes are kept sparse. */
import { nn, optim, type Tensor, tensor, zeros } from '../../../src/index.js';
import { double, type Given, type Learned, STEPS } from './given.js';

class Autoencoder extends nn.Module {
  readonly encoder = new nn.Linear(6, 3, double);
  readonly bias = new nn.Parameter(zeros([6], double));

  override forward(x: Tensor): [code: Tensor, decoded: Tensor] {
    const code = this.encoder.forward(x).tanh();
    return [code, code.matmul(this.encoder.weight).add(this.bias)];
  }
}

export function autoencoder({ data: { rows }, state, wrap }: Given): Learned {
  const module = new Autoencoder();
  module.loadStateDict(state);
  const optimizer = new optim.Adam(module.parameters(), { lr: 0.02 });
  const schedule = new optim.CosineAnnealingLR(optimizer, { tMax: STEPS });
  const step = wrap((x: Tensor) => {
    const [code, decoded] = module.forward(x);
    const loss = decoded.sub(x).square().mean().add(code.abs().mean().mul(0.01));
    optimizer.zeroGrad();
    loss.backward();
    optim.clipGradNorm(module.parameters(), 0.5);
    optimizer.step();
    return loss;
  });
  const all = rows!.toArray() as number[][];
  const losses = Array.from({ length: STEPS }, (_, k) => {
    const loss = step(tensor(all.slice(4 * (k % 4), 4 * (k % 4) + 4), double)).item();
    schedule.step();
    return loss;
  });
  return { losses, module };
}
