/**
 * @file Exercise 6: an operation of your own, the Huber function: a parabola near 0, straight lines further out.
 *
 * Grade it with `npm run exercises -- 6`; the page is docs/exercises/custom-op.md.
 */
import { defineOp } from 'contragrad';

/** The Huber function with its rule. Three places are to be written: the value, the pull-back, and the pull-back in TeX. */
export const huberOp = defineOp({
  name: 'huber',
  formula: String.raw`y = \tfrac12 x^2 \text{ where } |x| \le \delta, \quad \delta(|x| - \tfrac12\delta) \text{ elsewhere}`,

  /** What the gradient of x gains, in TeX: begin with `\bar x \mathrel{+}=`. */
  localDerivative: ['write me'],

  /**
   * The value. `x.abs().lessEqual(delta)` is 1 where |x| ≤ delta and 0 elsewhere, and `a.where(condition, b)` is a where the
   * condition is 1 and b elsewhere.
   */
  forward([x], { delta }) {
    throw new Error('write me');
  },

  pullBack: [
    /** The gradient of x, by the gradient g of the result. Write it in operations of tensors. */
    (g, { inputs: [x], attributes: { delta } }) => {
      throw new Error('write me');
    },
  ],
});

/** The Huber function of every element: call it like any other operation. */
export const huber = (x, delta = 1) => huberOp([x], { delta });
