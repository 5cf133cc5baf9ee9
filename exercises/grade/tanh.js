/** @file Grades the pull-back of tanh. */
import { Generator, randn } from 'contragrad';
import { called, compare } from './compare.js';
import { checkFlow, checkPullBack, operation } from './differences.js';

/** Wrong derivatives: how each is written, the derivative, and what went wrong. */
const DERIVATIVES = [
  ['y', ({ y }) => y, 'did you forget to square, and to subtract from 1?'],
  ['1 - y', ({ y }) => y.neg().add(1), 'did you forget to square?'],
  ['1 - 2y', ({ y }) => y.mul(-2).add(1), 'y² is y times y, not 2 times y'],
  ['y²', ({ y }) => y.square(), 'subtract it from 1'],
  ['y² - 1', ({ y }) => y.square().sub(1), 'the sign is turned round'],
  ['1 + y²', ({ y }) => y.square().add(1), 'the slope of tanh is never above 1: subtract'],
  ['1 - x²', ({ x }) => x.square().neg().add(1), 'square the result y, not the input x'],
  ['1 - tanh² y', ({ y }) => y.tanh().square().neg().add(1), 'y is the tanh of x already: do not take it twice'],
  ['1 - g²', ({ g }) => g.square().neg().add(1), 'square the result y, not the gradient g'],
  ['-(1 + y²)', ({ y }) => y.square().add(1).neg(), 'only y² takes the minus: negate it first, then add 1'],
  ['y (1 - y)', ({ y }) => y.mul(y.neg().add(1)), 'that is the derivative of the sigmoid'],
  ['√(1 - y²)', ({ y }) => y.square().neg().add(1).sqrt(), 'there is no root in it'],
  ['(1 - y)²', ({ y }) => y.neg().add(1).square(), 'square y first, then subtract'],
  ['1', ({ y }) => y.mul(0).add(1), 'the gradient does not pass tanh unchanged'],
];

/** Throws where `pullBack` is not that of tanh. */
export function check(pullBack) {
  const generator = new Generator(1);
  const [x, g] = [0, 1].map(() => randn([3, 4], { dtype: 'float64', generator }));
  const y = x.tanh();
  const right = y.square().neg().add(1);
  const call = { out: y, inputs: [x], attributes: undefined };
  const got = called(pullBack, [g, call], 'your gradient');
  compare(got, g.mul(right), 'your gradient', [
    [
      () => right,
      'your gradient is 1 - y² alone: g, the gradient that comes in, is missing. The chain rule multiplies by it',
    ],
    [() => g.add(right), 'your gradient is g + (1 - y²): the chain rule multiplies, it does not add'],
    [() => g.square().mul(right), 'g stands in your gradient twice: multiply by it once'],
    ...DERIVATIVES.flatMap(([name, derivative, advice]) => {
      const says = `your slope is ${name} where 1 - y² is expected: ${advice}`;
      const stop = says.endsWith('?') ? '' : '.';
      return [
        [() => g.mul(derivative({ x, y, g })), says],
        [() => derivative({ x, y, g }), `${says}${stop} And g, the gradient that comes in, is missing: multiply by it`],
      ];
    }),
  ]);
  checkFlow(pullBack, g, call);
  checkPullBack(
    operation('tanh', (input) => input.tanh(), pullBack),
    x,
    'your tanh',
  );
}
