/** @file CLIP: two towers, and a temperature that is learned as the logarithm of its inverse and clamped. */
import { infoNCELoss, nn, optim, type Tensor, tensor } from '../../../src/index.js';
import { double, type Given, type Learned, STEPS } from './given.js';

class CLIP extends nn.Module {
  readonly image = new nn.Sequential(new nn.Linear(6, 8, double), new nn.GELU(), new nn.Linear(8, 4, double));
  readonly text = new nn.Sequential(new nn.Linear(5, 8, double), new nn.GELU(), new nn.Linear(8, 4, double));
  readonly logit_scale = new nn.Parameter(tensor(Math.log(1 / 0.07), double));

  override forward(images: Tensor, texts: Tensor): [image: Tensor, text: Tensor, temperature: Tensor] {
    const scale = this.logit_scale.clamp({ max: Math.log(100) }).exp();
    return [this.image.forward(images), this.text.forward(texts), scale.reciprocal()];
  }
}

export function clip({ data: { images, texts }, state, wrap }: Given): Learned {
  const module = new CLIP();
  module.loadStateDict(state);
  const optimizer = new optim.AdamW(module.parameters(), { lr: 0.05, weightDecay: 0.02 });
  const step = wrap((x: Tensor, y: Tensor) => {
    const [image, text, temperature] = module.forward(x, y);
    const loss = infoNCELoss(image, text, { temperature, symmetric: true });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  return { losses: Array.from({ length: STEPS }, () => step(images!, texts!).item()), module };
}
