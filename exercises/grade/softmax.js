/** @file Grades the pull-back of softmax. */
import { Generator, randn } from 'contragrad';
import { called, compare } from './compare.js';
import { checkFlow, checkPullBack, operation } from './differences.js';

const ROWS = { axis: 1, keepDims: true };

/** Mistakes, and what to say of each. */
function mistakes(g, y, x) {
  const dot = g.mul(y).sum(ROWS);
  const whole = g.mul(y).sum();
  const columns = g.mul(y).sum({ axis: 0, keepDims: true });
  const again = y.softmax();
  const found = [
    [
      () => g.mul(y),
      'your gradient is g ⊙ y: the sum is missing. A score also lowers the other results of its row: take Σ g ⊙ y off g first',
    ],
    [
      () => g.mul(y).mul(y.neg().add(1)),
      'your gradient is g ⊙ y (1 - y), the derivative of a sigmoid: only the diagonal of the matrix of derivatives. Off it, ∂y_j/∂x_i = -y_j y_i is missing',
    ],
    [
      () => y.mul(g.sub(g.sum(ROWS))),
      'the sum is of g alone: it must be of g ⊙ y, each gradient weighted by its share',
    ],
    [() => y.mul(g.sub(g.mean(ROWS))), 'you take the plain mean of g off: weight it with y, Σ g ⊙ y'],
    [() => y.mul(g.sub(g.mul(y).mean(ROWS))), 'you take the mean of g ⊙ y: y holds the weights already, so sum'],
    [
      () => g.sub(dot),
      'the outer factor y is missing: your gradient is g - Σ g ⊙ y where y ⊙ (g - Σ g ⊙ y) is expected',
    ],
    [
      () => g.mul(y).sub(dot),
      'the sum must be multiplied by y too: your gradient is g ⊙ y - Σ g ⊙ y; bracket it, y ⊙ (g - Σ g ⊙ y)',
    ],
    [() => y.mul(g.add(dot)), 'the sign of the sum is turned round: subtract it'],
    [() => y.mul(dot.sub(g)), 'the sign is turned round: g first, then minus the sum'],
    [
      () => y.mul(g.sub(whole)),
      'the sum runs over the whole matrix: each row is a softmax of its own, so sum along axis 1, which is named: sum({ axis: 1, keepDims: true })',
    ],
    [
      () => y.mul(g.sub(columns)),
      'the sum runs down the columns: softmax runs along the last axis, so sum along axis 1',
    ],
    [() => y.mul(g.sub(g.mul(x).sum(ROWS))), 'the sum weights g with x: weight it with y, the result of softmax'],
    [() => y.neg().add(1).mul(y), 'g, the gradient that comes in, is missing'],
    [
      () => x.mul(g.sub(g.mul(x).sum(ROWS))),
      'that is the rule with x in place of y: the derivative is told by the result of softmax',
    ],
    [() => again.mul(g.sub(g.mul(again).sum(ROWS))), 'y is the softmax of x already: do not take it twice'],
    [() => y.square().mul(g.sub(dot)), 'the outer factor y stands there twice'],
    [() => y.mul(g.mul(y).sub(dot)), 'y stands there twice: in the bracket it is g alone, minus Σ g ⊙ y'],
    [() => g.sub(y.mul(g.sum(ROWS))), 'that is the rule of log-softmax, g - y Σ g: softmax has y ⊙ (g - Σ g ⊙ y)'],
    [() => g, 'the gradient does not pass softmax unchanged'],
  ];
  if (x.shape[0] === x.shape[1]) {
    const turned = g.mul(y).sum({ axis: 1 });
    found.push([() => y.mul(g.sub(turned)), LOST_AXIS]);
  }
  return found;
}

const LOST_AXIS =
  'the sums of the rows have lost their axis, and are taken off the columns: keepDims: true keeps them as [N, 1]';

/** Throws where `pullBack` is not that of softmax along the last axis. */
export function check(pullBack) {
  const generator = new Generator(3);
  for (const shape of [
    [2, 4],
    [3, 3],
  ]) {
    const [x, g] = [0, 1].map(() => randn(shape, { dtype: 'float64', generator }));
    const y = x.softmax();
    const what = 'your gradient';
    const call = { out: y, inputs: [x], attributes: undefined };
    const got = called(pullBack, [g, call], what, (message) => (message.includes('broadcast') ? LOST_AXIS : undefined));
    compare(got, y.mul(g.sub(g.mul(y).sum(ROWS))), what, mistakes(g, y, x));
    checkFlow(pullBack, g, call);
  }
  const x = randn([3, 4], { dtype: 'float64', generator });
  checkPullBack(
    operation('softmax', (input) => input.softmax(), pullBack),
    x,
    'your softmax',
  );
}
