/**
 * @file The iris network of the article, as it has it: images of 64 x 64 pixels in three colours, two towers that share their
 * weights, a distance, the contrastive loss with margin 1 and without ½, Adam, 10 epochs, 32 pairs a batch.
 *
 * The images are synthetic: no eye is in them. The article leaves the layers of a tower open; here they are two convolutions
 * with pooling. Run it with `node examples/14-siamese-images.mjs`, for a minute; `--quick` learns less, in seconds.
 */
import * as cg from 'contragrad';
import * as data from 'contragrad/data';

const [part, epochs, batches] = process.argv.includes('--quick') ? [0.2, 4, 15] : [1, 10, 75];
const some = (many, imagesPerSubject, firstSubject) =>
  data.irisImages({ subjects: many * part, imagesPerSubject, firstSubject });
// To train on; to choose turns and threshold on; to measure on, once.
const [train, known, unknown] = [some(300, 8, 0), some(100, 6, 300), some(200, 6, 400)];
const fitted = data.fitStandardisation(train, { per: 'channel' });
for (const set of [train, known, unknown]) data.standardise(set, fitted, { inPlace: true });
const [SIDE, SIZE] = [data.IRIS_PIXELS, train.size];
const images = (rows) => cg.tensor(rows, { shape: [rows.length / SIZE, 3, SIDE, SIDE] });

cg.manualSeed(1);
const tower = new cg.nn.Sequential(
  new cg.nn.Conv2d(3, 8, { kernelSize: 5, stride: 2, padding: 2 }),
  new cg.nn.ReLU(),
  new cg.nn.MaxPool2d({ kernelSize: 2 }),
  new cg.nn.Conv2d(8, 16, { kernelSize: 3, padding: 1 }),
  new cg.nn.ReLU(),
  new cg.nn.MaxPool2d({ kernelSize: 2 }),
  new cg.nn.Flatten(),
  new cg.nn.Linear(16 * 8 * 8, 32),
);
const optimizer = new cg.optim.Adam(tower.parameters());
const step = cg.compile((a, b, same) => {
  const distance = cg.pairwiseDistance(tower.forward(a), tower.forward(b));
  const loss = cg.contrastiveLossFromDistance(distance, same, cg.conventions.contrastive.articleSiamese);
  optimizer.zeroGrad();
  loss.backward();
  optimizer.step();
  return loss;
});
const generator = new cg.Generator(1);
for (let [i, sum] = [1, 0]; i <= epochs * batches; i++) {
  const { a, b, same } = data.balancedPairs(train.labels, { count: 32, generator });
  sum += step(...[a, b].map((rows) => images(data.gatherRows(train, rows))), Int32Array.from(same)).item();
  if (i % (2 * batches) === 0) console.log(`epoch ${i / batches}: mean loss so far ${(sum / i).toFixed(4)}`);
}

/** The points of all images, a hundred at a time. */
function pointsOf(way, features) {
  const starts = Array.from({ length: Math.ceil(features.length / SIZE / 100) }, (_, i) => 100 * SIZE * i);
  const batch = (from) => images(features.subarray(from, from + 100 * SIZE));
  return starts.flatMap((from) => cg.noGrad(() => way(batch(from))).toArray());
}

/** The images turned around their middle; each pixel is the nearest one of the image before. */
function turned(features, degrees) {
  const [middle, plane] = [(SIDE - 1) / 2, SIDE ** 2];
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
  const whole = (at) => Math.min(Math.max(Math.round(at + middle), 0), SIDE - 1);
  const from = Array.from({ length: plane }, (_, at) => {
    const [y, x] = [Math.floor(at / SIDE) - middle, (at % SIDE) - middle];
    return whole(cos * y - sin * x) * SIDE + whole(sin * y + cos * x);
  });
  return features.map((_, i) => features[i - (i % plane) + from[i % plane]]);
}

/** Minus the distance of each pair: the least over the second image as it is and turned either way, since heads tilt. */
function scoresOf(way, { features }, { a, b }, degrees = 0) {
  const still = pointsOf(way, features);
  const turns = degrees === 0 ? [] : [-degrees, degrees].map((by) => pointsOf(way, turned(features, by)));
  const distance = (x, y) => Math.sqrt(x.reduce((sum, v, i) => sum + (v - y[i]) ** 2, 0));
  return a.map((p, i) => -Math.min(...[still, ...turns].map((points) => distance(still[p], points[b[i]]))));
}
const draw = ({ labels }, count, seed) =>
  data.verificationPairs(labels, { genuine: count, impostors: 10 * count, generator: new cg.Generator(seed) });
const [knownPairs, unknownPairs] = [draw(known, 1000 * part, 2), draw(unknown, 2000 * part, 3)];
const calibrate = (...by) => cg.metrics.equalErrorRate(scoresOf(by[0], known, knownPairs, by[1]), knownPairs.same);
const cells = (shares) => shares.map((share) => `${(100 * share).toFixed(2)} %`.padStart(9)).join(' ');
const [raw, norm, network] = [(x) => x.reshape([-1, SIZE]), new cg.nn.LayerNorm(SIZE), (x) => tower.forward(x)];
const tried = [0, 5, 10, 15].map((degrees) => ({ degrees, ...calibrate(network, degrees) }));
for (const { degrees, rate } of tried) console.log(`turned by ${degrees} degrees, to choose on: ${cells([rate])}`);
const best = tried.reduce((least, one) => (one.rate < least.rate ? one : least)).degrees;
const ways = { 'raw images': [raw], 'centred and scaled': [(x) => norm.forward(raw(x))], 'the network': [network] };
const counts = `${unknown.classes.length} others, ${unknownPairs.a.length} pairs`.padEnd(23);
console.log(`\n${counts} equal   genuine accepted where impostors are     at the threshold of those to choose on`);
console.log(`${' '.repeat(23)} error        10 %       1 %     0.1 %   false accepts, false rejects`);
for (const [name, [way, degrees]] of Object.entries({ ...ways, 'and over turns': [network, best] })) {
  const scores = scoresOf(way, unknown, unknownPairs, degrees);
  const { falseAccepts, trueAccepts } = cg.metrics.rocCurve(scores, unknownPairs.same);
  const accepted = [0.1, 0.01, 0.001].map((most) => trueAccepts[falseAccepts.findLastIndex((share) => share <= most)]);
  const wrong = cg.metrics.errorRates(scores, unknownPairs.same, calibrate(way, degrees).threshold);
  const { rate } = cg.metrics.equalErrorRate(scores, unknownPairs.same);
  console.log(`${name.padEnd(20)} ${cells([rate])}   ${cells(accepted)}   ${cells(Object.values(wrong))}`);
}
