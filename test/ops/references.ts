/** @file Plain loops that the table's references are made of. */

/** Nested plain arrays. */
export type Nested = number | Nested[];

export const flat = (x: Nested): number[] => (Array.isArray(x) ? x.flatMap(flat) : [x]);
export const matrix = (x: Nested): number[][] => x as number[][];
export const distance2 = (a: number[], b: number[]): number => a.reduce((s, x, k) => s + (x - b[k]!) ** 2, 0);
export const dot = (a: number[], b: number[]): number => a.reduce((s, x, k) => s + x * b[k]!, 0);
export const unit = (a: number[]): number[] => a.map((x) => x / Math.sqrt(dot(a, a)));
export const average = (x: number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
export const nce = (own: number, others: number[]): number =>
  Math.log(1 + others.reduce((sum, other) => sum + Math.exp(other - own), 0));

export const allPairs = (
  z: number[][],
  labels: number[],
  term: (d: number, same: boolean) => number,
): [number[], number[]] => {
  const kinds: [number[], number[]] = [[], []];
  for (let i = 0; i < z.length; i++) {
    for (let j = i + 1; j < z.length; j++) {
      const same = labels[i] === labels[j];
      kinds[same ? 0 : 1].push(term(Math.sqrt(distance2(z[i]!, z[j]!)), same));
    }
  }
  return kinds;
};
export const pairTerm =
  (margin: number) =>
  (d: number, same: boolean): number =>
    0.5 * (same ? d ** 2 : Math.max(margin - d, 0) ** 2);
export const allTriplets = (z: number[][], labels: number[], term: (p: number, n: number) => number): number[] => {
  const terms: number[] = [];
  for (let a = 0; a < z.length; a++)
    for (let p = 0; p < z.length; p++)
      for (let n = 0; n < z.length; n++)
        if (a !== p && labels[a] === labels[p] && labels[a] !== labels[n])
          terms.push(term(distance2(z[a]!, z[p]!), distance2(z[a]!, z[n]!)));
  return terms;
};
export const averageActive = (terms: number[]): number => {
  const active = terms.filter((term) => term > 0);
  return active.length === 0 ? 0 : average(active);
};

/** A function of one number, of every element. */
export const map1 = (f: (x: number) => number): ((x: Nested) => Nested) => {
  const go = (x: Nested): Nested => (Array.isArray(x) ? x.map(go) : f(x));
  return go;
};
const depth = (x: Nested): number => (Array.isArray(x) ? 1 + depth(x[0] ?? 0) : 0);
/** A function of two numbers, of every pair of elements, with broadcasting. */
export const map2 = (f: (a: number, b: number) => number): ((a: Nested, b: Nested) => Nested) => {
  const go = (a: Nested, b: Nested): Nested => {
    if (!Array.isArray(a) && !Array.isArray(b)) return f(a, b);
    const [p, q] = [depth(a), depth(b)];
    if (p > q) return (a as Nested[]).map((x) => go(x, b));
    if (q > p) return (b as Nested[]).map((y) => go(a, y));
    const [x, y] = [a as Nested[], b as Nested[]];
    return Array.from({ length: Math.max(x.length, y.length) }, (_, i) =>
      go(x[x.length === 1 ? 0 : i]!, y[y.length === 1 ? 0 : i]!),
    );
  };
  return go;
};

/** The integral from 0 to x. */
export const simpson = (f: (t: number) => number, x: number): number => {
  const steps = 2000;
  let sum = f(0) + f(x);
  for (let i = 1; i < steps; i++) sum += (i % 2 === 1 ? 4 : 2) * f((x * i) / steps);
  return (sum * x) / (3 * steps);
};

/** log Σ exp, by its definition. */
export const logSumExp = (list: number[]): number => Math.log(list.reduce((sum, v) => sum + Math.exp(v), 0));
/** log(1 + eˣ), by its definition. */
export const softplus = (x: number): number => Math.log(1 + Math.exp(x));
/** What each of two lists of rows scores with each other. */
export const scoresOf = (q: number[][], k: number[][], temperature = 1): number[][] =>
  q.map((r) => k.map((c) => dot(r, c) / temperature));

/** The supervised contrastive loss by loops over explicit positives; null where no row has one. */
export const supCon = (
  z: number[][],
  labels: number[],
  { temperature = 0.1, exclude = false }: { temperature?: number; exclude?: boolean } = {},
): number | null => {
  const s = scoresOf(z.map(unit), z.map(unit), temperature);
  const losses = z.flatMap((_, i) => {
    const others = [...z.keys()].filter((a) => a !== i);
    const positives = others.filter((a) => labels[a] === labels[i]);
    const negatives = others.filter((a) => labels[a] !== labels[i]);
    if (positives.length === 0) return [];
    const terms = positives.map(
      (p) => logSumExp((exclude ? [p, ...negatives] : others).map((a) => s[i]![a]!)) - s[i]![p]!,
    );
    return [average(terms)];
  });
  return losses.length === 0 ? null : average(losses);
};

/** The gaps d(a, p) - d(a, n) of mined triplets, by loops over explicit indices. */
export const minedGaps = (
  z: number[][],
  labels: number[],
  mining: 'all' | 'hard' | 'semiHard',
  d: (i: number, j: number) => number = (i, j) => distance2(z[i]!, z[j]!),
): number[] =>
  z.flatMap((_, a) => {
    const positives = [...z.keys()].filter((p) => p !== a && labels[p] === labels[a]);
    const negatives = [...z.keys()].filter((n) => labels[n] !== labels[a]);
    if (positives.length === 0 || negatives.length === 0) return [];
    const far = negatives.map((n) => d(a, n));
    const near = positives.map((p) => d(a, p));
    if (mining === 'hard') return [Math.max(...near) - Math.min(...far)];
    if (mining === 'all') return near.flatMap((p) => far.map((n) => p - n));
    return near.map((p) => {
      const beyond = far.filter((n) => n > p);
      return p - (beyond.length > 0 ? Math.min(...beyond) : Math.max(...far));
    });
  });

/** The estimators of mutual information by loops over scores [N][L][N]. */
export const estimators: Record<'infoNCE' | 'jsd' | 'dv', (scores: number[][][]) => number> = {
  infoNCE: (scores) => average(scores.flatMap((places, i) => places.map((row) => logSumExp(row) - row[i]!))),
  jsd: (scores) => {
    const own = scores.flatMap((places, i) => places.map((row) => softplus(-row[i]!)));
    const others = scores.flatMap((places, i) => places.flatMap((row) => row.filter((_, j) => j !== i).map(softplus)));
    return average(own) + average(others);
  },
  dv: (scores) => {
    const own = scores.flatMap((places, i) => places.map((row) => row[i]!));
    const others = scores.flatMap((places, i) => places.flatMap((row) => row.filter((_, j) => j !== i)));
    return Math.log(average(others.map(Math.exp))) - average(own);
  },
};
