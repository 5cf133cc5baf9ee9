/**
 * @file The mutual-information loss: parts of a thing should know which whole they belong to.
 *
 * A whole is a row of 12 numbers with 3 hidden causes; a part is 4 of the numbers, seen through noise. Local encoder and global
 * encoder are trained against each other. Run it with `node examples/06-mutual-information.mjs`.
 */
import { Generator, mutualInformationBound, mutualInformationLoss, nn, optim, randn } from 'contragrad';

const generator = new Generator(2);
const N = 64;
const mixing = randn([3, 12], { generator });

/** Wholes, and one noisy part of each. */
function batch() {
  const whole = randn([N, 3], { generator }).matmul(mixing);
  const part = whole.slice({ ends: [N, 4] }).add(randn([N, 4], { generator }).mul(0.5));
  return [part, whole];
}

const tower = (size) =>
  new nn.Sequential(new nn.Linear(size, 32, { generator }), new nn.ReLU(), new nn.Linear(32, 8, { generator }));
const [local, whole] = [tower(4), tower(12)];
const optimizer = new optim.Adam([...local.parameters(), ...whole.parameters()], { lr: 3e-3 });

console.log(`chance: log N = ${Math.log(N).toFixed(3)} nats\n`);
console.log('step    loss   at least so many nats are shared   own whole is ranked first');
for (let step = 0; step <= 400; step++) {
  const [l, g] = batch().map((x, i) => [local, whole][i].forward(x));
  const loss = mutualInformationLoss(l, g);
  if (step % 100 === 0) {
    const bound = mutualInformationBound(l, g).item();
    const scores = l.matmul(g.transpose()).toArray();
    const first = scores.filter((row, i) => row[i] === Math.max(...row)).length;
    const cells = [bound.toFixed(3).padStart(18), `${((100 * first) / N).toFixed(0)} %`.padStart(36)];
    console.log(`${String(step).padStart(4)}   ${loss.item().toFixed(3)}   ${cells.join('')}`);
  }
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
