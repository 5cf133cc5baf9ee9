/**
 * @file InfoNCE: a query should pick its own positive out of the batch. The temperature decides whom it minds most.
 *
 * Run it with `node examples/05-infonce.mjs`.
 */
import { Generator, grad, infoNCELoss, nn, optim, randn, tensor, zeros } from 'contragrad';

// An encoder that maps everything to one point cannot tell: the loss is log N.
const n = 64;
console.log(
  `full collapse, N = ${n}: loss ${infoNCELoss(zeros([n, 4]), zeros([n, 4]))
    .item()
    .toFixed(4)}, log N = ${Math.log(n).toFixed(4)}\n`,
);

// A query at angle 0, its positive at 20 degrees, negatives at 30, 60 and 120 degrees.
const at = (degrees) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
const query = tensor([at(0)]);
const positive = tensor([at(20)]);
console.log('temperature   loss     share of the push of the negatives at 30, 60, 120 degrees');
for (const temperature of [1, 0.3, 0.1]) {
  const negatives = tensor([at(30), at(60), at(120)], { requiresGrad: true });
  const loss = infoNCELoss(query, positive, { negatives, temperature, normalize: false });
  const [g] = grad(loss, [negatives]);
  const pushes = g.toArray().map((row) => Math.hypot(...row));
  const all = pushes.reduce((sum, v) => sum + v, 0);
  const shares = pushes.map((v) => `${((100 * v) / all).toFixed(0)} %`.padStart(6)).join(' ');
  console.log(`${String(temperature).padEnd(11)} ${loss.item().toFixed(4).padStart(7)}   ${shares}`);
}

// Two noisy looks at the same things: the encoder learns what both have in common.
const generator = new Generator(1);
const encoder = new nn.Sequential(
  new nn.Linear(20, 32, { generator }),
  new nn.ReLU(),
  new nn.Linear(32, 8, { generator }),
);
const optimizer = new optim.Adam(encoder.parameters(), { lr: 3e-3 });
const looks = () => {
  const signal = randn([n, 5], { generator });
  const look = () => [signal.toArray(), randn([n, 15], { generator }).toArray()];
  return [look(), look()].map(([own, noise]) => tensor(own.map((row, i) => [...row, ...noise[i]])));
};
console.log('\n5 numbers that both looks share, 15 that are noise');
for (let step = 0; step <= 300; step++) {
  const [a, b] = looks().map((x) => encoder.forward(x));
  const loss = infoNCELoss(a, b, { temperature: 0.1, symmetric: true });
  if (step % 100 === 0)
    console.log(`step ${String(step).padStart(3)}: loss ${loss.item().toFixed(4)} (chance: ${Math.log(n).toFixed(4)})`);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
