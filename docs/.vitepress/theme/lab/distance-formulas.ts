/** @file The formulas of the losses that are made of distances: contrastive and triplet. */
import type { Evaluation, PairForce } from './evaluate.js';
import { type Formula, type PairLine, place, sigmoid, softplus, total } from './formula-parts.js';

/** How the distance of a pair is measured, as TeX. */
function distanceLine({ options }: Evaluation): string {
  const z = options.normalize || options.distance === 'cosine' ? String.raw`\hat z` : 'z';
  if (options.distance === 'cosine') return String.raw`D_{ij} = 1 - ${z}_i\cdot ${z}_j`;
  if (options.distance === 'dot') return String.raw`D_{ij} = -${z}_i\cdot ${z}_j`;
  const shift = options.eps === 0 ? '' : String.raw` + \epsilon`;
  const norm = String.raw`\lVert ${z}_i - ${z}_j${shift}\rVert`;
  const squared = options.distance === 'squaredEuclidean';
  if (options.floor === 0) return `D_{ij} = ${norm}${squared ? '^2' : ''}`;
  const floored = String.raw`\max(${norm}^2, ${options.floor})`;
  return `D_{ij} = ${squared ? floored : String.raw`\sqrt{${floored}}`}`;
}

/** Each pair once. */
const once = ({ pairs }: Evaluation): readonly PairForce[] => pairs.filter(({ on, from }) => on < from);

function contrastiveTerms(evaluation: Evaluation) {
  const { margin, squareTerms, half, average } = evaluation.options as Record<string, number | boolean | string>;
  const reach = ({ positive, measure }: PairForce): number =>
    positive ? measure : Math.max((margin as number) - measure, 0);
  const term = (pair: PairForce): number => (squareTerms ? reach(pair) ** 2 : reach(pair));
  const pairs = once(evaluation);
  const kind = (positive: boolean) => {
    const terms = pairs.filter((pair) => pair.positive === positive).map(term);
    return { sum: total(terms), active: Math.max(terms.filter((value) => value > 0).length, 1) };
  };
  const [same, different] = [kind(true), kind(false)];
  return { same, different, reach, pairs: pairs.length, power: squareTerms ? '^2' : '', half, average, squareTerms };
}

/** The contrastive loss of the batch. */
export function contrastiveFormula(evaluation: Evaluation): Formula {
  const { same, different, pairs, power, half, average } = contrastiveTerms(evaluation);
  const near = String.raw`\sum_{\text{same}} D_{ij}${power}`;
  const far = String.raw`\sum_{\text{different}} [m - D_{ij}]_+${power}`;
  const numbers = { same: same.sum, different: different.sum, value: evaluation.value };
  if (average === 'all') {
    return {
      lines: [
        String.raw`L = \frac{1}{${half ? '2' : ''}P}\Big(${near} + ${far}\Big)`,
        String.raw`\hphantom{L} = \frac{1}{${half ? String.raw`2\cdot` : ''}${place('pairs')}}\big(${place('same')} + ${place('different')}\big) = ${place('value')}`,
        distanceLine(evaluation),
      ],
      numbers: { ...numbers, pairs },
    };
  }
  const factor = half ? String.raw`\frac12` : '';
  return {
    lines: [
      String.raw`L = ${factor}\Big(\frac{1}{P_+}${near} + \frac{1}{P_-}${far}\Big)`,
      String.raw`\hphantom{L} = ${factor}\Big(\frac{${place('same')}}{${place('samePairs')}} + \frac{${place('different')}}{${place('differentPairs')}}\Big) = ${place('value')}`,
      distanceLine(evaluation),
    ],
    numbers: { ...numbers, samePairs: same.active, differentPairs: different.active },
  };
}

/** A pair's slope of the contrastive loss. */
export function contrastivePair(evaluation: Evaluation, pair: PairForce): PairLine {
  const { same, different, reach, pairs, half, average, squareTerms } = contrastiveTerms(evaluation);
  const count = average === 'all' ? pairs : (pair.positive ? same : different).active;
  const weight = (half ? 0.5 : 1) * (squareTerms ? 2 : 1);
  const what = pair.positive ? 'D' : '[m - D]_+';
  const sign = pair.positive ? '' : '-';
  const factor = String.raw`${sign}\frac{${place('weight')}}{${place('count')}}`;
  const reached = reach(pair);
  if (squareTerms) {
    const line = String.raw`${factor}${what} = ${factor}\cdot ${place('reach')}`;
    return { line, numbers: { weight, count, reach: reached } };
  }
  // The terms' own slope: 1, or 0 where a negative lies beyond the margin.
  const numbers = { weight, count, active: Number(reached > 0) };
  return { line: String.raw`${factor}\cdot ${place('active')}`, numbers };
}

/** A triplet of a batch, and how far its gap reaches into the margin: above 0 it is alive. */
export interface Triplet {
  readonly anchor: number;
  readonly positive: number;
  readonly negative: number;
  readonly reach: number;
}

/** The triplets that the loss mines; undefined where they are drawn at random, or where eps tells a pair's orders apart. */
export function tripletsOf({ options, rows, pairAt }: Evaluation): Triplet[] | undefined {
  const { mining, margin, squared, eps } = options;
  if (mining === 'distanceWeighted' || eps !== 0) return undefined;
  const power = squared ? 2 : 1;
  return rows.flatMap((anchor) => {
    const positive = anchor ^ 1;
    const reachTo = pairAt(anchor, positive)!.measure ** power + (margin as number);
    const triplets: Triplet[] = [];
    for (const negative of rows) {
      if (negative >> 1 === anchor >> 1) continue;
      triplets.push({ anchor, positive, negative, reach: reachTo - pairAt(anchor, negative)!.measure ** power });
    }
    if (mining === 'all') return triplets;
    // The nearest negative reaches furthest into the margin.
    triplets.sort((p, q) => q.reach - p.reach);
    const beyond = (triplet: Triplet): boolean => triplet.reach < (margin as number);
    return [mining === 'hard' ? triplets[0]! : (triplets.find(beyond) ?? triplets.at(-1)!)];
  });
}

/** The triplets of a batch and their sums, made once for both formulas. */
const termsOf = new WeakMap<Evaluation, ReturnType<typeof makeTripletTerms>>();

function tripletTerms(evaluation: Evaluation) {
  if (!termsOf.has(evaluation)) termsOf.set(evaluation, makeTripletTerms(evaluation));
  return termsOf.get(evaluation);
}

function makeTripletTerms(evaluation: Evaluation) {
  const { smooth, average } = evaluation.options;
  const triplets = tripletsOf(evaluation);
  if (triplets === undefined) return undefined;
  const loss = ({ reach }: Triplet): number => (smooth ? softplus(reach) : Math.max(reach, 0));
  const live = triplets.filter((triplet) => loss(triplet) > 0).length;
  const count = average === 'all' ? triplets.length : Math.max(live, 1);
  return { triplets, sum: total(triplets.map(loss)), live, count };
}

/** The triplet loss of the batch. */
export function tripletFormula(evaluation: Evaluation): Formula {
  const { squared, smooth, average } = evaluation.options;
  const power = squared ? '^2' : '';
  const gap = `D_{ap}${power} - D_{an}${power} + m`;
  const term = smooth ? String.raw`\operatorname{softplus}(${gap})` : `[${gap}]_+`;
  const count = average === 'all' ? 'T' : 'T_{>0}';
  const terms = tripletTerms(evaluation);
  return {
    lines: [
      String.raw`L = \frac{1}{${count}}\sum_{(a,p,n)} ${term}`,
      terms === undefined
        ? String.raw`\hphantom{L} = ${place('value')}`
        : String.raw`\hphantom{L} = \frac{1}{${place('count')}}\cdot ${place('sum')} = ${place('value')},\quad \text{live: }${place('live')}\text{ of }${place('all')}`,
      distanceLine(evaluation),
    ],
    numbers: {
      value: evaluation.value,
      ...(terms && { count: terms.count, sum: terms.sum, live: terms.live, all: terms.triplets.length }),
    },
  };
}

/** A pair's slope of the triplet loss: the triplets that it is part of, as either row's. */
export function tripletPair(evaluation: Evaluation, { on, from, positive, measure }: PairForce): PairLine {
  const { squared, smooth } = evaluation.options;
  const terms = tripletTerms(evaluation);
  if (terms === undefined) return { line: '', numbers: {} };
  const weights = terms.triplets
    .filter((triplet) => {
      const { anchor } = triplet;
      const other = positive ? triplet.positive : triplet.negative;
      return (anchor === on && other === from) || (anchor === from && other === on);
    })
    .map(({ reach }) => (smooth ? sigmoid(reach) : Number(reach > 0)));
  const steep = squared ? String.raw`\cdot 2\cdot ${place('distance')}` : '';
  return {
    line: String.raw`${positive ? '' : '-'}\frac{${place('weight')}}{${place('count')}}${steep}`,
    numbers: { weight: total(weights), count: terms.count, distance: measure },
  };
}
