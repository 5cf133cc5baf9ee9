/**
 * @file An operation of your own: value, formula, and how a gradient goes back through it. gradcheck finds what is wrong.
 *
 * The operation is Swish with a learned slope, y = x · sigmoid(βx). Run it with `node examples/11-custom-op.mjs`.
 */
import { defineOp, Generator, gradcheck, randn, tensor } from 'contragrad';
import { renderText, trace } from 'contragrad/explain';

const swishRule = {
  name: 'swish',
  formula: String.raw`y = x \odot \sigma(\beta x)`,
  localDerivative: [
    String.raw`\bar x \mathrel{+}= (s + \beta x \odot s \odot (1 - s)) \odot \bar y`,
    String.raw`\bar\beta \mathrel{+}= \sum x^2 \odot s \odot (1 - s) \odot \bar y`,
  ],
  forward: ([x, beta]) => x.mul(x.mul(beta).sigmoid()),
  // Written in differentiable operations: second derivatives come free.
  pullBack: [
    (g, { inputs: [x, beta] }) => {
      const s = x.mul(beta).sigmoid();
      return g.mul(s.add(x.mul(beta).mul(s).mul(s.mul(-1).add(1))));
    },
    (g, { inputs: [x, beta] }) => {
      const s = x.mul(beta).sigmoid();
      return g.mul(x.square().mul(s).mul(s.mul(-1).add(1))).sum();
    },
  ],
};
const swishOp = defineOp(swishRule);
const swish = (x, beta) => swishOp([x, beta]);

const float64 = { dtype: 'float64', generator: new Generator(0) };
const x = randn([3, 3], float64);
const beta = tensor(1.5, { dtype: 'float64' });
console.log(`gradcheck, first and second order: ${JSON.stringify(gradcheck(swish, [x, beta]))}\n`);

// A wrong rule does not get through: here the inner derivative is forgotten.
const forgetful = defineOp({
  ...swishRule,
  name: 'forgetful',
  pullBack: [(g, { inputs: [x, beta] }) => g.mul(x.mul(beta).sigmoid()), swishRule.pullBack[1]],
});
try {
  gradcheck((x, beta) => forgetful([x, beta]), [x, beta]);
} catch (error) {
  console.log(`${error.name}: ${error.message}\n`);
}

// It explains itself like any other operation.
const leaf = tensor([1, -2], { requiresGrad: true });
console.log(
  renderText(
    trace(() => swish(leaf, tensor(1.5)).sum(), { names: { x: leaf } }),
    { width: 100, color: false },
  ),
);
