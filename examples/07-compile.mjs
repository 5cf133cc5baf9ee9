/**
 * @file The same training step eagerly and compiled: the same numbers, in a fraction of the time.
 *
 * Run it with `node examples/07-compile.mjs`.
 */
import { batchContrastiveLoss, compile, Generator, nn, optim, randn } from 'contragrad';

const labels = Int32Array.from({ length: 80 }, (_, i) => i % 10);
const STEPS = 200;

/** Trains the same encoder on the same batches, with the step as it is or compiled. */
function train(wrap) {
  const generator = new Generator(0);
  const encoder = new nn.Sequential(
    new nn.Linear(64, 64, { generator }),
    new nn.ReLU(),
    new nn.Linear(64, 16, { generator }),
  );
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 3e-3 });
  // All that changes from call to call is an argument: tensors and arrays of numbers.
  const step = wrap((x, y) => {
    const loss = batchContrastiveLoss(encoder.forward(x), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  const losses = [];
  let time = 0;
  for (let i = 0; i < STEPS; i++) {
    const x = randn([80, 64], { generator });
    if (i === 1) time = performance.now(); // The first call is where it is written down.
    losses.push(step(x, labels).item());
    if (i === STEPS / 2) optimizer.lr = 1e-3; // The learning rate is state, not part of the plan.
  }
  return { losses, milliseconds: (performance.now() - time) / (STEPS - 1), plan: step.plan };
}

const eager = train((step) => step);
const compiled = train(compile);

console.log(
  `loss after ${STEPS} steps: eager ${eager.losses.at(-1).toFixed(5)}, compiled ${compiled.losses.at(-1).toFixed(5)}`,
);
const apart = Math.max(...eager.losses.map((loss, i) => Math.abs(loss - compiled.losses[i]) / loss));
console.log(`never further apart than ${apart < 1e-4 ? 'a hundredth of a percent' : apart}`);
console.log(`a step: eager ${eager.milliseconds.toFixed(2)} ms, compiled ${compiled.milliseconds.toFixed(2)} ms\n`);
console.log(String(compiled.plan));
