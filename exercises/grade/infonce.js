/** @file Grades InfoNCE, its log-sum-exp at large scores included. */
import { eye, Generator, infoNCEGradient, infoNCELoss, randn, tensor } from 'contragrad';
import { agree, called, compare, compareAll, short } from './compare.js';
import { checkLoss } from './differences.js';
import { Wrong } from './verdict.js';

const float64 = { dtype: 'float64' };
const expected = (q, k, temperature) => infoNCELoss(q, k, { temperature, normalize: false });

const LOST_AXIS =
  'the largest score of each row has lost its axis, and is taken off the columns: max({ axis: 1, keepDims: true }) keeps it as [N, 1]';

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
  const lost = s.max({ axis: 1 });
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
    [() => logSum(s.sub(lost)).add(lost).sub(own(s)).mean(), LOST_AXIS],
    [
      () =>
        logSum(s.sub(lost))
          .sub(own(s.sub(lost)))
          .mean(),
      LOST_AXIS,
    ],
    [() => logSum(s.sub(lost)).sub(own(s)).mean(), `${LOST_AXIS}. And after the logarithm it is put back`],
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
      'the sum runs down the columns: a query, a row, chooses among the keys, so sum along axis 1. Or your table is turned: queries are its rows',
    ],
    [() => logSum(s).mean(), 'the score of the positive is missing: subtract s_ii'],
    [() => own(s).mean().neg(), 'the negatives play no part: log Σ exp s is missing'],
    [() => s.exp().sum({ axis: 1 }).sub(own(s)).mean(), 'the logarithm of the sum is missing'],
    [() => probability.neg().add(1).mean(), 'that is 1 - p: the loss is -log p'],
    [() => probability.mean().neg(), 'the logarithm is missing: the loss is -log p, p the share of the positive'],
    [() => probability.mean().log().neg(), 'the mean is taken before the logarithm: take -log of each row first'],
    [
      () => s.exp().sum().log().sub(own(s)).mean(),
      'the sum runs over the whole table: each query has a sum of its own, and the axis is named, sum({ axis: 1 })',
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

const SHAPES =
  'here are 4 queries and 4 keys with 3 coordinates each. The table of scores is [4, 4], by transposeB: true; its sums along axis 1 and the ' +
  'scores of the positives are [4]';

const LOG_SUM = 'log Σ exp s = max + log Σ exp (s - max)';

/** Queries and keys in one dimension, at a temperature of 0.001. */
const column = (...numbers) =>
  tensor(
    numbers.map((x) => [x]),
    float64,
  );
const sharp = (infoNCE, q, k) => called(infoNCE, [q, k, 1e-3], 'your loss');

/** Scores as large as 1000, and rows whose scores are far apart. */
function checkLargeScores(infoNCE) {
  const [q, k] = [column(1, 0.999), column(1, 0.9995)];
  const large = sharp(infoNCE, q, k);
  if (!Number.isFinite(large.item())) {
    throw new Wrong(
      `your loss is ${large.item()} for scores near 1000, where exp overflows. Subtract the largest score of the row first: ${LOG_SUM}`,
    );
  }
  compare(large, expected(q, k, 1e-3), 'for scores of 1000 your loss');

  const apart = column(1, -1);
  const got = sharp(infoNCE, apart, k);
  if (!agree(got, expected(apart, k, 1e-3))) {
    throw new Wrong(
      `your loss is ${short(got.item())} for a row of scores near 1000 and one near -1000: it takes one largest score for all rows, or none ` +
        'for the smallest. Take the largest of each row, max({ axis: 1, keepDims: true })',
    );
  }
  checkWrongOrder(infoNCE);
}

/** Queries that score a negative far above their positive. At 720 its exponential overflows, but the share of the positive is not 0 yet. */
function checkWrongOrder(infoNCE) {
  const q = column(1, 1);
  const score = (k) => sharp(infoNCE, q, k).item();
  const far = column(-1, 1);
  const loss = score(far);
  if (!Number.isFinite(loss)) {
    throw new Wrong(
      `your loss is ${loss} for a positive of score -1000 and a negative of score 1000: ` +
        (Number.isFinite(score(column(-0.36, 0.36)))
          ? 'the share of the positive is too small for any number and becomes 0, and log 0 is -Infinity. Take log Σ exp s - s_ii, with '
          : 'what you subtract must be the largest score of the row, which need not be that of the positive. ') +
        LOG_SUM,
    );
  }
  compare(sharp(infoNCE, q, far), expected(q, far, 1e-3), 'for a positive of -1000 and a negative of 1000 your loss');
}

/** Throws where `infoNCE` is not InfoNCE. */
export function check(infoNCE) {
  const generator = new Generator(5);
  const [q, k] = [0, 1].map(() => randn([4, 3], { ...float64, generator }));
  const results = [0.5, 2].map((temperature) => ({
    got: called(infoNCE, [q, k, temperature], 'your loss', () => SHAPES),
    expected: expected(q, k, temperature),
    mistakes: mistakes(q, k, temperature),
  }));
  compareAll(results, 'your loss');
  checkLargeScores(infoNCE);
  checkLoss((...rows) => infoNCE(...rows, 0.5), [q, k], 'your loss');

  const leaves = [q, k].map((x) => tensor(x.dataSync(), { shape: x.shape, requiresGrad: true }));
  infoNCE(...leaves, 0.01).backward();
  const { gradients } = infoNCEGradient(q, k, { temperature: 0.01, normalize: false });
  ['queries', 'keys'].forEach((name, i) => {
    compare(leaves[i].grad, tensor(gradients[i], float64), `at temperature 0.01 the gradient of the ${name}`);
  });
}
