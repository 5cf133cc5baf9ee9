/** @file Grades InfoNCE, its log-sum-exp at large scores included. */
import { eye, Generator, infoNCEGradient, infoNCELoss, randn, tensor } from 'contragrad';
import { agree, called, compare } from './compare.js';
import { checkLoss } from './differences.js';
import { Wrong } from './verdict.js';

const float64 = { dtype: 'float64' };
const expected = (q, k, temperature) => infoNCELoss(q, k, { temperature, normalize: false });

/** Mistakes, and what to say of each. */
function mistakes(q, k, temperature) {
  const raw = q.matmul(k, { transposeB: true });
  const s = raw.div(temperature);
  const diagonal = eye(q.shape[0], float64);
  const off = diagonal.neg().add(1);
  const own = (scores) => scores.mul(diagonal).sum({ axis: 1 });
  const logSum = (scores, axis = 1) => scores.exp().sum({ axis }).log();
  const loss = (scores) => logSum(scores).sub(own(scores));
  const largest = s.max({ axis: 1, keepDims: true });
  const lengths = (x) => x.normalize();
  const probability = own(s)
    .exp()
    .div(s.exp().sum({ axis: 1 }));
  return [
    [
      () => s.exp().mul(off).sum({ axis: 1 }).log().sub(own(s)).mean(),
      'the positive is missing from the denominator: the sum runs over all j, j = i too',
    ],
    [
      () => logSum(s.sub(largest)).sub(own(s)).mean(),
      'the largest score is subtracted, but never put back: log Σ exp s = max + log Σ exp (s - max)',
    ],
    [
      () =>
        logSum(s.sub(largest))
          .sub(largest.squeeze({ axis: 1 }))
          .sub(own(s))
          .mean(),
      'the largest score is taken away twice: after the logarithm it is added',
    ],
    [() => loss(raw).mean(), 'the temperature is missing: divide the scores by it'],
    [() => loss(raw.mul(temperature)).mean(), 'the scores are multiplied by the temperature: divide by it'],
    [
      () => logSum(s).sub(own(raw)).mean(),
      'the temperature is missing from the score of the positive: divide that by it too',
    ],
    [() => logSum(raw).sub(own(s)).mean(), 'the temperature is missing from the sum: divide those scores by it too'],
    [() => loss(s).sum(), 'your loss is the sum over the queries where the mean is expected'],
    [() => loss(s), 'your loss has a value for each query, shape [N], where a scalar is expected: take the mean'],
    [() => loss(s).mean().neg(), 'the sign is turned round: your loss falls as the positive gets less likely'],
    [
      () => logSum(s, 0).sub(own(s)).mean(),
      'the sum runs down the columns: a query, a row, chooses among the keys, so sum along axis 1',
    ],
    [() => logSum(s).mean(), 'the score of the positive is missing: subtract s_ii'],
    [() => own(s).mean().neg(), 'the negatives play no part: log Σ exp s is missing'],
    [() => s.exp().sum({ axis: 1 }).sub(own(s)).mean(), 'the logarithm of the sum is missing'],
    [() => probability.neg().add(1).mean(), 'that is 1 - p: the loss is -log p'],
    [() => probability.mean().neg(), 'the logarithm is missing: the loss is -log p, p the share of the positive'],
    [() => probability.mean().log().neg(), 'the mean is taken before the logarithm: take -log of each row first'],
    [
      () => s.exp().sum().log().sub(own(s)).mean(),
      'the sum runs over the whole table: each query has a sum of its own, along axis 1',
    ],
    [() => s.exp().mean({ axis: 1 }).log().sub(own(s)).mean(), 'that is the mean of the exponentials: take their sum'],
    [
      () =>
        logSum(s)
          .sub(s.mean({ axis: 1 }))
          .mean(),
      'the mean of all scores is subtracted: subtract that of the positive, s_ii',
    ],
    [
      () => loss(lengths(q).matmul(lengths(k), { transposeB: true }).div(temperature)).mean(),
      'rows are brought to length 1: this exercise takes them as they are',
    ],
  ];
}

/** Scores as large as 1000, and rows whose scores are far apart. */
function checkLargeScores(infoNCE) {
  const q = tensor([[1], [0.999]], float64);
  const k = tensor([[1], [0.9995]], float64);
  const large = called(infoNCE, [q, k, 1e-3], 'your loss');
  if (!Number.isFinite(large.item())) {
    throw new Wrong(
      `your loss is ${large.item()}: exp overflows for scores of 1000: subtract the largest first, log Σ exp s = max + log Σ exp (s - max)`,
    );
  }
  compare(large, expected(q, k, 1e-3), 'for scores of 1000 your loss');

  const apart = [tensor([[1], [-1]], float64), k, 1e-3];
  const got = called(infoNCE, apart, 'your loss');
  if (!Number.isFinite(got.item()) || !agree(got, expected(...apart))) {
    throw new Wrong(
      `your loss is ${got.item()} for a row of scores near 1000 and one near -1000: it takes one largest score for all rows, or none for ` +
        'the smallest. Take the largest of each row, max({ axis: 1, keepDims: true })',
    );
  }
}

/** Throws where `infoNCE` is not InfoNCE. */
export function check(infoNCE) {
  const generator = new Generator(5);
  const [q, k] = [0, 1].map(() => randn([4, 3], { ...float64, generator }));
  for (const temperature of [0.5, 2]) {
    const got = called(infoNCE, [q, k, temperature], 'your loss', (message) =>
      message.includes('broadcast')
        ? 'shapes do not meet: the largest score of each row must keep its axis to be subtracted, [N, 1] (keepDims: true), and lose it to be added to the sums, [N]'
        : undefined,
    );
    compare(got, expected(q, k, temperature), 'your loss', mistakes(q, k, temperature));
  }
  checkLargeScores(infoNCE);
  checkLoss((...rows) => infoNCE(...rows, 0.5), [q, k], 'your loss');

  const leaves = [q, k].map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  infoNCE(...leaves, 0.01).backward();
  const { gradients } = infoNCEGradient(q, k, { temperature: 0.01, normalize: false });
  ['queries', 'keys'].forEach((name, i) => {
    compare(leaves[i].grad, tensor(gradients[i], float64), `at temperature 0.01 the gradient of the ${name}`);
  });
}
