/**
 * @file The contrastive loss moves points: the same kind together, different kinds apart, up to the margin and no further.
 *
 * Hadsell, Chopra, LeCun 2006. No encoder: the points themselves are the parameters, so that every move is seen.
 * Run it with `node examples/03-contrastive.mjs`.
 */
import { batchContrastiveLoss, contrastiveLoss, Generator, optim, randn, tensor } from 'contragrad';
import { attribution } from 'contragrad/explain';

// Three pairs in the plane: L = mean of ½ D² where the same, ½ max(1 - D, 0)² where different.
const a = tensor([
  [0, 0],
  [0, 0],
  [0, 0],
]);
const b = tensor([
  [1, 0],
  [0.5, 0],
  [2, 0],
]);
const each = contrastiveLoss(a, b, [1, 0, 0], { reduction: 'none' }).toArray();
console.log('a same pair at distance 1, different pairs at 0.5 and at 2:', each);
console.log('the last is further apart than the margin: no loss, no force\n');

// Twelve points of three kinds, all over the place.
const labels = Array.from({ length: 12 }, (_, i) => i % 3);
const start = randn([12, 2], { generator: new Generator(3) }).mul(0.7);
const points = tensor(start.toArray(), { requiresGrad: true });
const optimizer = new optim.SGD([points], { lr: 0.3 });

/** The mean distance within a kind, and the smallest between two kinds. */
function distances() {
  const rows = points.toArray();
  const [same, different] = [[], []];
  for (let i = 0; i < 12; i++) {
    for (let j = 0; j < i; j++) {
      (labels[i] === labels[j] ? same : different).push(Math.hypot(rows[i][0] - rows[j][0], rows[i][1] - rows[j][1]));
    }
  }
  return { same: same.reduce((s, d) => s + d, 0) / same.length, different: Math.min(...different) };
}

// Who pulls and pushes whom before the first step: a pair pulls while it is the same, and pushes within the margin.
const kinds = { pull: 0, push: 0, none: 0 };
for (const { kind } of attribution(batchContrastiveLoss, [points.detach(), labels], {}).forces) kinds[kind]++;
console.log(`forces at the start: ${kinds.pull} pull, ${kinds.push} push, ${kinds.none} are none\n`);

console.log('step     loss   mean distance, same   least distance, different');
for (let step = 0; step <= 200; step++) {
  const loss = batchContrastiveLoss(points, labels, { margin: 1, average: 'nonZeroPerKind' });
  if ([0, 10, 50, 200].includes(step)) {
    const { same, different } = distances();
    const cells = [loss.item().toFixed(4), same.toFixed(3).padStart(22), different.toFixed(3).padStart(26)];
    console.log(`${String(step).padStart(4)}   ${cells.join('')}`);
  }
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
}
