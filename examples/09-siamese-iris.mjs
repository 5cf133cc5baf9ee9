/**
 * @file A siamese network that verifies people by their iris: two towers that share their weights, and the contrastive loss.
 *
 * The strips are synthetic: no picture of any eye is in them. Some subjects to train on, others to choose settings and the
 * threshold on, and yet others to measure on, once. Run it with `node examples/09-siamese-iris.mjs`; `--choose` tries other
 * settings too, for a minute; `--quick` learns less, from fewer. Needs ml-pca (`npm install ml-pca`).
 */
import { cdist, compile, contrastiveLoss, Generator, manualSeed, metrics, nn, noGrad, optim, tensor } from 'contragrad';
import * as data from 'contragrad/data';
import { PCA } from 'ml-pca';

const [part, epochs] = process.argv.includes('--quick') ? [0.5, 5] : [1, 10];
const some = (many, imagesPerSubject, firstSubject) =>
  data.irisTextures({ subjects: many * part, imagesPerSubject, firstSubject });
const [train, known, unknown] = [some(300, 8, 0), some(100, 6, 300), some(200, 6, 400)];
const draw = ({ labels }, count, seed) =>
  data.verificationPairs(labels, { genuine: count, impostors: 10 * count, generator: new Generator(seed) });
const [knownPairs, unknownPairs] = [draw(known, 1000 * part, 2), draw(unknown, 2000 * part, 3)];

const [SIZE, ANGLES] = [train.size, data.IRIS_ANGLES];
const table = (strips) => tensor(strips, { shape: [strips.length / SIZE, SIZE] });
const { mean, scale } = data.fitStandardisation(train, { per: 'channel' });
const pictures = (strips) => table(strips).sub(mean[0]).div(scale[0]).reshape([-1, 1, data.IRIS_RINGS, ANGLES]);

/** A way from strips to points: what a tower makes of them after some epochs of 75 batches of 32 pairs. */
function learn({ lr, margin }) {
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
  const optimizer = new optim.Adam(tower.parameters(), { lr });
  const step = compile((a, b, same) => {
    const loss = contrastiveLoss(tower.forward(a), tower.forward(b), same, { margin });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  });
  for (let i = 0; i < epochs * 75; i++) {
    const { a, b, same } = data.balancedPairs(train.labels, { count: 32, generator });
    step(...[a, b].map((rows) => pictures(data.gatherRows(train, rows))), Int32Array.from(same));
  }
  return (strips) => noGrad(() => tower.forward(pictures(strips)));
}

/** Ways without a network: strips as they are; each with mean 0 and deviation 1; their 16 principal components. */
const scaled = (strips) => noGrad(() => new nn.LayerNorm(SIZE).forward(table(strips)));
const components = new PCA(table(train.features).toArray(), { method: 'covarianceMatrix' });
const pca = (strips) => tensor(components.predict(table(strips).toArray(), { nComponents: 16 }).to2DArray());

/** Minus the distance of each pair: the least over turns of one strip by up to `reach` columns, since heads tilt. */
function scoresOf(way, { features, count }, { a, b }, reach = 0) {
  const turned = (by) => features.map((_, i) => features[i - (i % ANGLES) + ((i + by + ANGLES) % ANGLES)]);
  const turns = Array.from({ length: 2 * reach + 1 }, (_, i) => way(turned(i - reach)));
  const distances = turns.map((points) => cdist(turns[reach], points).dataSync());
  return a.map((p, i) => -Math.min(...distances.map((matrix) => matrix[p * count + b[i]])));
}
/** The threshold where both kinds of error are as frequent on the subjects to choose on. */
const calibrate = (way, reach) => metrics.equalErrorRate(scoresOf(way, known, knownPairs, reach), knownPairs.same);
const cells = (shares) => shares.map((share) => `${(100 * share).toFixed(2)} %`.padStart(9)).join(' ');

console.log(`${known.classes.length} subjects to choose on: equal error rate with turns of up to 0, 1, 2 columns`);
const grid = [5e-4, 1e-3, 2e-3, 4e-3].flatMap((lr) => [1, 2].map((margin) => ({ lr, margin })));
let best = { rate: 1 };
for (const { lr, margin } of process.argv.includes('--choose') ? grid : [{ lr: 1e-3, margin: 1 }]) {
  const way = learn({ lr, margin });
  const rates = [0, 1, 2].map((reach) => calibrate(way, reach).rate);
  console.log(`learning rate ${lr}, margin ${margin}   ${cells(rates)}`);
  const rate = Math.min(...rates);
  if (rate < best.rate) best = { rate, way, reach: rates.indexOf(rate) };
}

const counts = `${unknown.classes.length} others, ${unknownPairs.a.length} pairs`.padEnd(25);
console.log(`\n${counts}    equal   genuine accepted where impostors are     at the threshold of those to choose on`);
console.log(`${' '.repeat(25)}    error        10 %       1 %     0.1 %   false accepts, false rejects`);
const ways = { 'raw strips': [table], 'centred and scaled': [scaled], 'PCA-16': [pca], 'the network': [best.way] };
for (const [name, [way, reach]] of Object.entries({ ...ways, 'and over turns': [best.way, best.reach] })) {
  const scores = scoresOf(way, unknown, unknownPairs, reach);
  const { falseAccepts, trueAccepts } = metrics.rocCurve(scores, unknownPairs.same);
  const accepted = [0.1, 0.01, 0.001].map((most) => trueAccepts[falseAccepts.findLastIndex((share) => share <= most)]);
  const wrong = metrics.errorRates(scores, unknownPairs.same, calibrate(way, reach).threshold);
  const { rate } = metrics.equalErrorRate(scores, unknownPairs.same);
  console.log(`${name.padEnd(22)} ${cells([rate])}   ${cells(accepted)}   ${cells(Object.values(wrong))}`);
}
