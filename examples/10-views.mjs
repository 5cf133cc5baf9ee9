/**
 * @file Learning without labels: two views of a row should find each other among all others. What the views differ in is what
 * the encoder learns to overlook. The labels only measure what came of it.
 *
 * The rows are synthetic iris strips; their light differs from image to image. Run it with `node examples/10-views.mjs`.
 */
import { compile, Generator, metrics, nn, noGrad, ntXentLoss, optim, randn, tensor } from 'contragrad';
import { fitStandardisation, gatherRows, IRIS_ANGLES, irisTextures, standardise } from 'contragrad/data';

const strips = irisTextures({ subjects: 100, imagesPerSubject: 6 });
const fitted = fitStandardisation(strips);
const train = standardise(strips, fitted);
const tested = standardise(irisTextures({ subjects: 40, imagesPerSubject: 6, firstSubject: 100 }), fitted);
const [B, SIZE] = [64, train.size];

/** Light from the right and from below: how much more of it each number of a strip gets, around the eye. */
const [right, below] = [Math.cos, Math.sin].map((f) =>
  tensor(Array.from({ length: SIZE }, (_, i) => f((2 * Math.PI * (i % IRIS_ANGLES)) / IRIS_ANGLES))),
);

/** Views with noise, and views in another light as well: brighter or darker, from another side. */
const views = {
  noise: (x, generator) => x.add(randn([B, SIZE], { generator }).mul(0.3)),
  light: (x, generator) => {
    const [all, p, q] = [0, 1, 2].map(() => randn([B, 1], { generator }));
    return views.noise(x, generator).add(all).add(right.mul(p)).add(below.mul(q));
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
  const step = compile((x) => {
    const [a, b] = [0, 1].map(() => encoder.forward(view(x, generator)));
    const loss = ntXentLoss(a, b, { temperature: 0.3 });
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    return loss;
  });
  for (let i = 0; i < 600; i++) {
    const rows = gatherRows(train, generator.permutation(train.count).slice(0, B));
    step(tensor(rows, { shape: [B, SIZE] }));
  }
  return score(noGrad(() => encoder.forward(tensor(tested.features, { shape: [tested.count, SIZE] }))).dataSync());
}

console.log('40 unseen eyes, 6 strips each: the nearest other strip is of the same eye\n');
console.log(`raw strips               ${score(tested.features)}`);
console.log(`views differ in noise    ${learn(views.noise)}`);
console.log(`views differ in light    ${learn(views.light)}`);
