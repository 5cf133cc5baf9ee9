/**
 * @file The chain rule on three scalars: what `backward` does, next to the same by hand and by finite differences.
 *
 * y = (w x + b)², with w = 2, x = 3, b = -1. Run it with `node examples/01-chain-rule.mjs`.
 */
import { gradcheck, tensor } from 'contragrad';
import { renderText, trace } from 'contragrad/explain';

const scalar = (value) => tensor(value, { dtype: 'float64', requiresGrad: true });
const [w, x, b] = [scalar(2), scalar(3), scalar(-1)];
const f = (w, x, b) => w.mul(x).add(b).square();

const y = f(w, x, b);
y.backward();

// Outer derivative times inner derivative: dy/du = 2u at u = w x + b = 5, then du/dw = x, du/dx = w, du/db = 1.
const u = 2 * 3 - 1;
const byHand = { w: 2 * u * 3, x: 2 * u * 2, b: 2 * u * 1 };
const value = ([w, x, b]) => (w * x + b) ** 2;
const byDifferences = (at) => {
  const moved = (step) => [2, 3, -1].map((v, i) => (i === at ? v + step : v));
  return (value(moved(1e-5)) - value(moved(-1e-5))) / 2e-5;
};

console.log(`y = (w x + b)^2 = ${y.item()}\n`);
console.log('        backward   by hand   differences');
for (const [at, [name, leaf]] of Object.entries({ w, x, b }).entries()) {
  const cells = [leaf.grad.item(), byHand[name]].map((v) => v.toFixed(4).padStart(9));
  console.log(`dy/d${name}  ${cells.join(' ')}   ${byDifferences(at).toFixed(4).padStart(11)}`);
}

console.log('\nThe same, operation by operation:\n');
console.log(
  renderText(
    trace(() => f(w, x, b), { names: { w, x, b } }),
    { width: 100, color: false },
  ),
);

console.log(`\ngradcheck agrees: ${gradcheck(f, [w, x, b]).kinks} kinks, no error thrown`);
