/** @file Grades the Huber function as an operation of one's own. */
import { tensor } from 'contragrad';
import { called, compareAll } from './compare.js';
import { checkFlow, checkPullBack } from './differences.js';
import { isGap, Unfinished, Wrong } from './verdict.js';

/** Points inside and outside of every delta that is tried, of both signs, and on no kink. */
const POINTS = [-3, -1.2, -0.4, 0.3, 0.9, 1.7, 2.6];
/** None is 1 or ½, so that no delta can be mistaken for a number of the formula. */
const DELTAS = [0.7, 1.6];

const inside = (x, delta) => x.abs().lessEqual(delta);
const pieces = (near, far, x, delta) => near.where(inside(x, delta), far);
const parabola = (x) => x.square().mul(0.5);
const line = (x, delta) =>
  x
    .abs()
    .sub(delta / 2)
    .mul(delta);

/** Mistakes in the value, and what to say of each. */
function wrongValues(x, delta) {
  const half = parabola(x);
  const far = line(x, delta);
  return [
    [
      () => pieces(half, x.abs().mul(delta), x, delta),
      `the two parts do not meet: at |x| = δ the value jumps from δ²/2 to δ². The line is δ (|x| - δ/2)`,
    ],
    [() => pieces(x.square(), far, x, delta), 'the ½ of the parabola is missing: the two parts do not meet at |x| = δ'],
    [
      () => pieces(half, x.abs().sub(delta).mul(delta), x, delta),
      'the two parts do not meet: at |x| = δ the value falls from δ²/2 to 0. The line is δ (|x| - δ/2), with a half',
    ],
    [
      () => pieces(half, x.abs().sub(0.5).mul(delta), x, delta),
      'the line takes ½ off whatever delta is: take half of δ off, inside the bracket. The line is δ (|x| - δ/2), which is δ|x| - δ²/2',
    ],
    [() => pieces(half, x.sub(delta / 2).mul(delta), x, delta), 'the line is wrong on the left: it takes |x|, not x'],
    [
      () => pieces(half, x.abs().sub(0.5), x, delta),
      'the line is that of δ = 1: its slope and its height depend on delta',
    ],
    [() => pieces(half, x.abs().sub(delta / 2), x, delta), 'the slope of the line is 1 where δ is expected'],
    [() => pieces(half, far, x, 1), 'the parts change at 1 whatever delta is: use the attribute'],
    [() => pieces(half, line(x, 1), x, 1), 'that is the function of δ = 1, whatever delta is: use the attribute'],
    [() => far.where(inside(x, delta), half), 'the two parts have changed places: the parabola is for |x| ≤ δ'],
    [() => half.where(x.lessEqual(delta), far), 'the left side is a parabola all the way: compare |x| with δ, not x'],
    [
      () => half,
      'far from 0 it is a parabola still: the lines for |x| > δ are missing. `if` and `?:` cannot choose: they ask once, and a tensor counts as true always',
    ],
    [() => far, 'near 0 it is a line still: the parabola for |x| ≤ δ is missing'],
  ];
}

/** Mistakes in the pull-back, and what to say of each. */
function wrongGradients(g, x, delta) {
  const bounds = (d) => x.clamp({ min: -d, max: d });
  const slope = bounds(delta);
  const wrong = [
    [
      () => x,
      'x everywhere: outliers pull without bound. For |x| > δ the slope of the line is δ or -δ. (`if` and `?:` cannot choose: they ask once, ' +
        'and a tensor counts as true always)',
    ],
    [
      () => pieces(x, x.mul(0).add(delta), x, delta),
      'δ on both sides: on the left the line falls, so its slope is -δ. Take δ · sign(x)',
    ],
    [() => pieces(x, x.sign(), x, delta), '±1 outside: the slope of the line is ±δ'],
    [() => pieces(x, x.mul(0), x, delta), '0 outside: a line still has a slope, ±δ'],
    [() => pieces(x.mul(2), x.sign().mul(delta), x, delta), '2x inside: the ½ of the parabola takes the 2 away'],
    [() => pieces(parabola(x), line(x, delta), x, delta), 'the value of the function: take its derivative'],
    [() => bounds(1), 'that of δ = 1, whatever delta is: use the attribute'],
    [() => x.sign().mul(delta), '±δ everywhere: for |x| ≤ δ the slope of the parabola is x'],
    [() => x.abs().clamp({ max: delta }), 'never negative: the slope on the left is'],
    [() => pieces(x, x.mul(delta), x, delta), 'δx outside: the slope of the line is ±δ, without x'],
    [() => x.sign().mul(delta).where(inside(x, delta), x), 'the two slopes have changed places'],
  ];
  return [
    [() => slope, 'the slope is right, but g, the gradient that comes in, is missing: multiply by it'],
    ...wrong.flatMap(([make, says]) => [
      [() => g.mul(make()), `your slope is ${says}`],
      [make, `your slope is ${says}. And g, the gradient that comes in, is missing: multiply by it`],
    ]),
  ];
}

/** Throws where `huberOp` is not the Huber function with its rule. */
export function check(huberOp) {
  if (typeof huberOp !== 'function' || huberOp.rule === undefined) {
    throw new Wrong('huberOp must be what defineOp returns');
  }
  const { pullBack, localDerivative, forward } = huberOp.rule;
  if (typeof forward !== 'function') throw new Wrong('forward must be a function');
  if (!Array.isArray(pullBack) || pullBack.length !== 1 || typeof pullBack[0] !== 'function') {
    throw new Wrong(
      'pullBack must be a list with one function: pullBack: [(g, { inputs: [x], attributes: { delta } }) => …]',
    );
  }
  const x = tensor(POINTS, { dtype: 'float64' });
  const values = DELTAS.map((delta) => ({
    got: called((input) => forward([input], { delta }), [x], 'your value'),
    expected: huberOf(x, delta),
    mistakes: wrongValues(x, delta),
  }));
  compareAll(values, 'your value');
  checkSlope(pullBack[0], x);
  for (const delta of DELTAS) checkPullBack((input) => huberOp([input], { delta }), x, 'your huber');
  checkWords([localDerivative].flat()[0]);
}

const huberOf = (x, delta) => pieces(parabola(x), line(x, delta), x, delta);

function checkSlope(pullBack, x) {
  const g = tensor([0.5, -1.5, 2, 3, -0.7, 1.3, -2], { dtype: 'float64' });
  const calls = DELTAS.map((delta) => ({ inputs: [x], out: huberOf(x, delta), attributes: { delta } }));
  const slopes = calls.map((call) => {
    const { delta } = call.attributes;
    try {
      return {
        got: called(pullBack, [g, call], 'your gradient'),
        expected: g.mul(x.clamp({ min: -delta, max: delta })),
        mistakes: wrongGradients(g, x, delta),
      };
    } catch (error) {
      throw isGap(error) ? new Unfinished('the value is right; the pull-back is still to be written') : error;
    }
  });
  compareAll(slopes, 'your gradient');
  checkFlow(pullBack, g, calls[0]);
}

const SO_FAR = 'value and pull-back are right';

/** Looks at the form of the rule in TeX; what it says of the slope nobody can check. */
function checkWords(tex) {
  if (tex === 'write me') {
    throw new Unfinished(`${SO_FAR}; localDerivative, the pull-back in TeX, is still to be written`);
  }
  const form = String.raw`\bar x \mathrel{+}= … \odot \bar y`;
  if (typeof tex !== 'string') throw new Wrong(`${SO_FAR}; localDerivative must be a list with one text: ${form}`);
  if (/[\b\f\n\r\t\v]/.test(tex) || !tex.includes('\\')) {
    throw new Wrong(
      `${SO_FAR}; localDerivative has lost its backslashes. String.raw keeps them: String.raw\`${form}\``,
    );
  }
  const bare = tex.replace(/[\s{}]/g, '');
  const [start, end] = [String.raw`\barx\mathrel+=`, String.raw`\bary`];
  if (!bare.startsWith(start) || !bare.includes(end)) {
    throw new Wrong(`${SO_FAR}; localDerivative should tell what \\bar x gains, by \\bar y: ${form}`);
  }
  if (
    bare
      .slice(start.length)
      .replace(end, '')
      .replace(/\\odot|\\cdot|\\,/g, '') === ''
  ) {
    throw new Wrong(`${SO_FAR}; localDerivative lacks the slope, between \\mathrel{+}= and \\odot \\bar y`);
  }
}
