/**
 * @file Tensors, and what broadcasting does to a gradient: what was repeated on the way forward is summed on the way back.
 *
 * Run it with `node examples/02-broadcasting.mjs`.
 */
import { grad, noGrad, tensor } from 'contragrad';

const x = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);
console.log(`x has shape [${x.shape}], type ${x.dtype}, mean over rows [${x.mean({ axis: 0 }).toArray()}]\n`);

// One bias for all rows, one factor for each row: [2, 3] * [2, 1] + [3].
const factor = tensor([[2], [10]], { requiresGrad: true });
const bias = tensor([100, 200, 300], { requiresGrad: true });
const y = x.mul(factor).add(bias);
console.log('x * factor + bias =', y.toArray());

y.sum().backward();
console.log('\nd sum / d bias   =', bias.grad.toArray(), ' each entry was used by 2 rows');
console.log('d sum / d factor =', factor.grad.toArray(), ' each entry met the 3 numbers of its row: their sum');

// A second backward adds to grad; zeroing is the caller's: optimizer.zeroGrad(), or grad = null.
x.mul(factor).add(bias).sum().backward();
console.log('\nafter a second backward bias.grad is', bias.grad.toArray());

// Derivatives of derivatives: d/dx of (d/dx of sum x³) = 6x.
const z = tensor([1, 2, 3], { requiresGrad: true });
const [first] = grad(z.mul(z).mul(z).sum(), [z], { createGraph: true });
const [second] = grad(first.sum(), [z]);
console.log('\nx^3 at [1, 2, 3]: first derivative', first.toArray(), 'second', second.toArray());

// Shapes that do not fit are an error in words.
try {
  noGrad(() => x.add(tensor([1, 2])));
} catch (error) {
  console.log(`\n${error.name}: ${error.message}`);
}
