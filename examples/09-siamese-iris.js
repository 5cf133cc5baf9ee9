/**
 * @file A siamese network that verifies people by their iris: two towers that share their weights, and the contrastive loss.
 *
 * The strips are synthetic: no picture of any eye is in them. Adam, 10 epochs, 32 pairs a batch; measured on subjects
 * that training never saw. Run it with `node examples/09-siamese-iris.js`.
 */
import { compile, contrastiveLoss, Generator, manualSeed, metrics, nn, noGrad, optim, tensor } from 'contragrad';
import { balancedPairs, fitStandardisation, gatherRows, IRIS_ANGLES, irisTextures, standardise } from 'contragrad/data';

const seen = irisTextures({ subjects: 300, imagesPerSubject: 8 });
const strips = [seen, irisTextures({ subjects: 200, imagesPerSubject: 6, firstSubject: 300 })];
const [train, unseen] = strips.map((data) => standardise(data, fitStandardisation(seen)));
const generator = new Generator(1);
manualSeed(1);

const tower = new nn.Sequential(
  new nn.Conv2d(1, 12, { kernelSize: 3, padding: 1 }),
  new nn.ReLU(),
  new nn.MaxPool2d({ kernelSize: 2 }),
  new nn.Conv2d(12, 24, { kernelSize: 3, padding: 1 }),
  new nn.ReLU(),
  new nn.Flatten(),
  new nn.Linear(24 * 4 * 16, 32),
);
const optimizer = new optim.Adam(tower.parameters(), { lr: 2e-3 });
const step = compile((a, b, same) => {
  const loss = contrastiveLoss(tower.forward(a), tower.forward(b), same, { margin: 2 });
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});
const pictures = (rows) => tensor(rows, { shape: [rows.length / train.size, 1, 8, IRIS_ANGLES] });
for (let epoch = 1; epoch <= 10; epoch++) {
  let sum = 0;
  for (let i = 0; i < 75; i++) {
    const { a, b, same } = balancedPairs(train.labels, { count: 32, generator });
    sum += step(pictures(gatherRows(train, a)), pictures(gatherRows(train, b)), Int32Array.from(same)).item();
  }
  if (epoch % 3 === 1) console.log(`epoch ${String(epoch).padStart(2)}: loss ${(sum / 75).toFixed(4)}`);
}

/** Strips turned by a column: the head is never held the same. */
const turned = (rows, by) => rows.map((_, i) => rows[i - (i % 32) + ((i + by + 32) % 32)]);
const embed = (rows) => noGrad(() => tower.forward(pictures(rows))).dataSync();
const distance = (x, i, y, j, d) => Math.hypot(...Array.from({ length: d }, (_, t) => x[i * d + t] - y[j * d + t]));

const { a, b, same } = balancedPairs(unseen.labels, { count: 4000, generator });
const straight = embed(unseen.features);
const turns = [-1, 0, 1].map((by) => embed(turned(unseen.features, by)));
const ways = {
  'raw strips': a.map((row, p) => -distance(unseen.features, row, unseen.features, b[p], train.size)),
  'the network': a.map((row, p) => -distance(straight, row, straight, b[p], 32)),
  'three turns, the nearest': a.map((row, p) => -Math.min(...turns.map((z) => distance(straight, row, z, b[p], 32)))),
};
console.log('\n200 unseen subjects        ROC-AUC   equal error rate   threshold of half the pairs, on the other half');
for (const [name, scores] of Object.entries(ways)) {
  const { threshold } = metrics.calibrateThreshold(scores.slice(0, 2000), same.slice(0, 2000));
  const right = scores.slice(2000).filter((score, i) => score >= threshold === (same[i + 2000] === 1)).length / 2000;
  const { rate } = metrics.equalErrorRate(scores, same);
  const cells = [metrics.rocAuc(scores, same).toFixed(4), `${(100 * rate).toFixed(2)} %`.padStart(17)];
  console.log(`${name.padEnd(26)} ${cells.join('  ')}   ${(100 * right).toFixed(1).padStart(9)} % told right`);
}
