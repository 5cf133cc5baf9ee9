/** @file Solution 6: inside, the slope is x; outside it is ±δ: that is x, clamped. */
import { defineOp } from 'contragrad';

/** The Huber function with its rule. */
export const huberOp = defineOp({
  name: 'huber',
  formula: String.raw`y = \tfrac12 x^2 \text{ where } |x| \le \delta, \quad \delta(|x| - \tfrac12\delta) \text{ elsewhere}`,
  localDerivative: [String.raw`\bar x \mathrel{+}= \mathrm{clamp}(x, -\delta, \delta) \odot \bar y`],
  forward([x], { delta }) {
    const line = x
      .abs()
      .sub(delta / 2)
      .mul(delta);
    return x.square().mul(0.5).where(x.abs().lessEqual(delta), line);
  },
  pullBack: [(g, { inputs: [x], attributes: { delta } }) => g.mul(x.clamp({ min: -delta, max: delta }))],
});

/** The Huber function of every element. */
export const huber = (x, delta = 1) => huberOp([x], { delta });
