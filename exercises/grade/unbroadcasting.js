/** @file Grades un-broadcasting. */
import { Generator, randn } from 'contragrad';
import { called, compare, written } from './compare.js';
import { checkFlow, checkPullBack, operation } from './differences.js';

/** Shapes stretched, and before: a new axis, several, a square, an axis of size 1, both, a scalar, nothing to do. */
const CASES = [
  [[3, 4], [4]],
  [[3, 3], [3]],
  [[2, 3, 4], [4]],
  [
    [3, 4],
    [3, 1],
  ],
  [
    [3, 3],
    [1, 3],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [[3, 4], []],
  [
    [3, 4],
    [3, 4],
  ],
];

/** The axes to sum over: those that are new, and those that had size 1. */
function axesOf(from, to) {
  const count = from.length - to.length;
  const every = from.map((_, axis) => axis);
  const kept = every.slice(count).filter((axis) => to[axis - count] < from[axis]);
  return { added: every.slice(0, count), kept };
}

const axes = (list) => `${list.length > 1 ? 'axes' : 'axis'} ${list.join(' and ')}`;

/** Mistakes in one case, and what to say of each. */
function mistakesIn(g, to) {
  const { added, kept } = axesOf(g.shape, to);
  const all = [...added, ...kept];
  const sum = g.sum({ axis: all, keepDims: true });
  const wanted = `where ${written(to)} is wanted`;
  const found = [];
  const add = (mistake, says) => found.push([mistake, says]);
  if (all.length > 0) {
    add(
      () => g,
      `the sum over the broadcast ${axes(all)} is missing: shape ${written(g.shape)} ${wanted}` +
        (added.length === 0 ? `. An axis that had size 1 was stretched too, not only axes that are new` : ''),
    );
    add(
      () => sum.div(copies(g, to)).reshape(to),
      `you take the mean of the copies: their gradients add up, so take the sum`,
    );
    add(
      () => g.max({ axis: all, keepDims: true }).reshape(to),
      'you take the largest of the copies: their gradients add up',
    );
    add(
      () => firstCopy(g, all).reshape(to),
      'you keep the gradient of the first copy only: every copy adds to it, so take the sum',
    );
  }
  if (kept.length > 0) {
    const shape = sum.shape.filter((_, axis) => !all.includes(axis));
    add(
      () => sum.reshape(shape),
      `${axes(kept)} had size 1 and must stay: shape ${written(shape)} ${wanted}. keepDims: true keeps it`,
    );
    if (added.length > 0) {
      const partly = g.sum({ axis: added });
      add(
        () => partly,
        `${axes(added)} of ${written(g.shape)} is summed, but ${axes(kept)}, which had size 1, is not: shape ${written(partly.shape)} ${wanted}`,
      );
    }
  }
  if (added.length > 0) {
    add(
      () => sum,
      `the new ${axes(added)} is still there, with size 1: shape ${written(sum.shape)} ${wanted}. Let it go`,
    );
  }
  if (added.length > 1) {
    const once = g.sum({ axis: 0 });
    add(() => once, `only one of the ${added.length} new axes is summed: shape ${written(once.shape)} ${wanted}`);
  }
  if (all.length < g.shape.length) {
    add(
      () => g.sum(),
      `you sum over every axis: shape [] ${wanted}. Sum over the broadcast ${axes(all)} only; the axis is named, g.sum({ axis: ${all.length > 1 ? `[${all.join(', ')}]` : all[0]} })`,
    );
  }
  if (all.length === 1 && g.shape.length === 2) {
    const other = 1 - all[0];
    const says = `you sum over axis ${other} where axis ${all[0]} was stretched: shapes are aligned at their right ends`;
    for (const keepDims of [false, true]) {
      const turned = g.sum({ axis: other, keepDims });
      add(() => turned, `${says}: shape ${written(turned.shape)} ${wanted}`);
    }
    if (g.shape[0] === g.shape[1]) add(() => g.sum({ axis: other }).reshape(to), `${says}, in a square too`);
  }
  return found;
}

/** What to say where a sum over the wrong axes does not fit `to`, from the words of the engine. */
function misaligned(message, from, to) {
  const given = /^reshape: cannot give \[([^\]]*)\]/.exec(message);
  if (given === null) return undefined;
  const { added, kept } = axesOf(from, to);
  const summed = axesBehind(given[1], from);
  return (
    `${written(to)} was stretched to ${written(from)} along ${axes([...added, ...kept])}` +
    (summed === null ? '. ' : `, you summed over ${summed.length === 0 ? 'none' : axes(summed)}. `) +
    'Shapes are aligned at their right ends: axis i of g is axis i - added of shape, where added = g.shape.length - shape.length'
  );
}

/** Over which axes a tensor was summed to get the sizes; null where that is not clear. */
function axesBehind(sizes, from) {
  const sets = from.reduce((found, _, axis) => found.flatMap((set) => [set, [...set, axis]]), [[]]);
  const fitting = sets.filter(
    (set) =>
      from.map((size, axis) => (set.includes(axis) ? 1 : size)).join(', ') === sizes ||
      from.filter((_, axis) => !set.includes(axis)).join(', ') === sizes,
  );
  return fitting.length === 1 ? fitting[0] : null;
}

const copies = (g, to) => g.size / to.reduce((product, size) => product * size, 1);

function firstCopy(g, all) {
  return g.slice({ ends: g.shape.map((size, axis) => (all.includes(axis) ? 1 : size)) });
}

/** Throws where `unbroadcast` does not bring gradients back. */
export function check(unbroadcast) {
  const generator = new Generator(2);
  for (const [from, to] of CASES) {
    const g = randn(from, { dtype: 'float64', generator });
    const what = `the gradient of ${written(to)} stretched to ${written(from)}`;
    const got = called(unbroadcast, [g, [...to]], what, (message) => misaligned(message, from, to));
    const { added, kept } = axesOf(from, to);
    const expected = g.sum({ axis: [...added, ...kept], keepDims: true }).reshape(to);
    compare(got, expected, what, mistakesIn(g, to));
    checkFlow((gradient) => unbroadcast(gradient, [...to]), g);
  }
  const stretch = operation(
    'broadcastTo',
    (x) => x.broadcastTo([2, 3, 4]),
    (g, { inputs: [x] }) => unbroadcast(g, x.shape),
  );
  checkPullBack(stretch, randn([3, 1], { dtype: 'float64', generator }), 'your broadcastTo');
}
