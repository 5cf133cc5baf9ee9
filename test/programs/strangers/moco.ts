/** @file MoCo: queries against keys of an encoder that follows slowly, with the keys of earlier batches as negatives. */
import { infoNCELoss, memoryBank, nn, noGrad, optim, type Tensor } from '../../../src/index.js';
import { double, type Given, type Learned, STEPS } from './given.js';

const encoder = (): nn.Sequential =>
  new nn.Sequential(new nn.Linear(6, 8, double), new nn.ReLU(), new nn.Linear(8, 4, double));

class MoCo extends nn.Module {
  readonly query = encoder();
  readonly key = encoder();

  override forward(x: Tensor, other: Tensor): { query: Tensor; key: Tensor } {
    return { query: this.query.forward(x), key: noGrad(() => this.key.forward(other)) };
  }

  /** The keys' encoder follows the queries'. */
  follow(momentum: number): void {
    const queries = this.query.parameters();
    noGrad(() =>
      this.key.parameters().forEach((p, i) => void p.assign(p.mul(momentum).add(queries[i]!.mul(1 - momentum)))),
    );
  }
}

export function moco({ data: { first, second, queue }, state, wrap }: Given): Learned {
  const module = new MoCo();
  module.loadStateDict(state);
  for (const parameter of module.key.parameters()) parameter.requiresGrad = false;
  const optimizer = new optim.SGD(module.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 1e-4 });
  const negatives = memoryBank({ size: 16, dim: 4, ...double });
  negatives.push(queue!);
  const step = wrap((x: Tensor, other: Tensor) => {
    module.follow(0.9);
    const { query, key } = module.forward(x, other);
    const loss = infoNCELoss(query, key, { negatives, temperature: 0.2 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    negatives.push(key);
    return loss;
  });
  const batch = (rows: Tensor, k: number): Tensor => rows.slice({ starts: [4 * (k % 5)], ends: [4 * (k % 5) + 4] });
  const losses = Array.from({ length: STEPS }, (_, k) =>
    step(batch(first!, k).detach(), batch(second!, k).detach()).item(),
  );
  return { losses, module };
}
