/**
 * @file Learning without labels: two views of a row should find each other among all others. What the views differ in is what
 * the encoder learns to overlook. The labels only measure what came of it.
 *
 * The rows are synthetic iris strips; their light differs from image to image. Run it with `node examples/10-views.js`.
 */
import { compile, Generator, metrics, nn, noGrad, ntXentLoss, optim, tensor } from 'contragrad';
import { fitStandardisation, gatherRows, IRIS_ANGLES, irisTextures, standardise } from 'contragrad/data';

const strips = irisTextures({ subjects: 100, imagesPerSubject: 6 });
const fitted = fitStandardisation(strips);
const train = standardise(strips, fitted);
const tested = standardise(irisTextures({ subjects: 40, imagesPerSubject: 6, firstSubject: 100 }), fitted);
const [B, SIZE] = [64, train.size];

/** Views with noise, and views in another light as well: brighter or darker, from another side. */
const views = {
  noise: (rows, generator) => rows.map((v) => v + 0.3 * generator.normal()),
  light: (rows, generator) => {
    const noisy = views.noise(rows, generator);
    for (let row = 0; row < B; row++) {
      const [offset, slope, side] = [generator.normal(), generator.normal(), 2 * Math.PI * generator.uniform()];
      for (let i = 0; i < SIZE; i++) {
        noisy[row * SIZE + i] += offset + slope * Math.cos((2 * Math.PI * (i % IRIS_ANGLES)) / IRIS_ANGLES - side);
      }
    }
    return noisy;
  },
};

/** How often the nearest other strip is of the same eye. */
const score = (points) => metrics.precisionAtOne({ references: { points, labels: tested.labels } }).toFixed(3);

function learn(view) {
  const generator = new Generator(0);
  const encoder = new nn.Sequential(
    new nn.Linear(SIZE, 128, { generator }),
    new nn.ReLU(),
    new nn.Linear(128, 32, { generator }),
  );
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 2e-3 });
  const step = compile((a, b) => {
    const loss = ntXentLoss(encoder.forward(a), encoder.forward(b), { temperature: 0.3 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (let i = 0; i < 600; i++) {
    const rows = gatherRows(train, generator.permutation(train.count).slice(0, B));
    step(...[0, 1].map(() => tensor(view(rows, generator), { shape: [B, SIZE] })));
  }
  return score(noGrad(() => encoder.forward(tensor(tested.features, { shape: [tested.count, SIZE] }))).dataSync());
}

console.log('40 unseen eyes, 6 strips each: the nearest other strip is of the same eye\n');
console.log(`raw strips               ${score(tested.features)}`);
console.log(`views differ in noise    ${learn(views.noise)}`);
console.log(`views differ in light    ${learn(views.light)}`);
