/**
 * @file The triplet loss compares: nearer to its own kind than to another, by a margin. Which triplets are mined decides how
 * fast it learns.
 *
 * Run it with `node examples/04-triplet.mjs`.
 */
import {
  allTriplets,
  batchTripletLoss,
  Generator,
  mineTriplets,
  nn,
  optim,
  randn,
  tensor,
  tripletLoss,
} from 'contragrad';

// Anchor at 0, positive at 1; the negative is near, within the margin, far.
const anchor = tensor([[0], [0], [0]]);
const positive = tensor([[1], [1], [1]]);
const negative = tensor([[0.5], [1.2], [3]]);
const each = tripletLoss(anchor, positive, negative, { margin: 1, reduction: 'none' }).toArray();
console.log('max(1 - d(a, n)^2 + margin, 0) for negatives at 0.5, 1.2, 3:', each.map((v) => v.toFixed(2)).join(', '));

// Clouds around eight centres, labelled by their centre.
const generator = new Generator(5);
const labels = Array.from({ length: 64 }, (_, i) => i % 8);
const centres = randn([8, 6], { generator }).toArray();
const clouds = tensor(labels.map((kind) => centres[kind].map((v) => v + 1.0 * generator.normal())));

const triplets = allTriplets(labels);
const hard = mineTriplets(clouds, labels, { mining: 'hard' }).counts;
console.log(`${triplets.counts.triplets} triplets in a batch of 64, ${hard.triplets} with hard mining\n`);

/** Trains a small encoder; returns how many of all triplets still violate the margin afterwards. */
function train(mining) {
  const weights = new Generator(0);
  const encoder = new nn.Sequential(
    new nn.Linear(6, 32, { generator: weights }),
    new nn.ReLU(),
    new nn.Linear(32, 2, { generator: weights }),
  );
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 1e-2 });
  for (let step = 0; step < 60; step++) {
    const average = mining === 'hard' ? 'all' : 'violating';
    const loss = batchTripletLoss(encoder.forward(clouds), labels, { mining, average, margin: 0.5, squared: false });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  const rows = encoder.forward(clouds).toArray();
  const distance = (i, j) => Math.hypot(rows[i][0] - rows[j][0], rows[i][1] - rows[j][1]);
  const { anchors, positives, negatives } = triplets;
  const wrong = anchors.filter((a, t) => distance(a, positives[t]) + 0.5 > distance(a, negatives[t])).length;
  return ((100 * wrong) / anchors.length).toFixed(1);
}

console.log('mining     triplets within the margin after 60 steps');
for (const mining of ['all', 'semiHard', 'hard']) console.log(`${mining.padEnd(10)} ${train(mining).padStart(5)} %`);
