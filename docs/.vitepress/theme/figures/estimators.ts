/** @file Estimates of mutual information by the library's losses, on seeded Gaussians whose true value is known. */
import { Generator, mutualInformationBound, mutualInformationLoss, tensor } from '../../../../src/index.js';

/** An estimator of the library. */
export type Estimator = 'infoNCE' | 'dv' | 'jsd';

/** The estimators. */
export const ESTIMATORS: readonly Estimator[] = ['infoNCE', 'dv', 'jsd'];

/** Coordinates of each sample. */
const D = 20;

/** Correlations at which the curves are computed: evenly spread over the true value, from 0 to 10 nats. */
export const MOST_NATS = 10;

/** The true mutual information, in nats, of D pairs of coordinates with a correlation. */
export const trueNats = (rho: number): number => -(D / 2) * Math.log(1 - rho ** 2);

/** The correlation at which the true value is that. */
export const correlationAt = (nats: number): number => Math.sqrt(1 - Math.exp((-2 * nats) / D));

/** What the estimators say at one correlation. */
export interface Estimate extends Readonly<Record<Estimator, number>> {
  readonly rho: number;
  readonly truth: number;
}

const square = (row: readonly number[]): number => row.reduce((sum, v) => sum + v * v, 0);

/** Scores of the exact critic, log p(y|x)/p(y), as a product of two representations. */
function towers(x: readonly number[][], y: readonly number[][], rho: number) {
  const [c, k] = [Math.sqrt(rho / (1 - rho ** 2)), rho ** 2 / (2 * (1 - rho ** 2))];
  const rows = (points: readonly number[][], last: (square: number) => number[]) =>
    tensor(
      points.map((row) => [...row.map((v) => c * v), ...last(-k * square(row))]),
      { dtype: 'float64' },
    );
  return [rows(x, (s) => [s, 1, trueNats(rho)]), rows(y, (s) => [1, s, 1])] as const;
}

/** One estimate: of batches of N samples with a correlation, the mean over so many that 256 samples are seen, and over at most 16. */
export function estimateAt(rho: number, n: number, seed = 1): Estimate {
  const generator = new Generator(seed);
  const batches = Math.min(16, Math.max(1, Math.round(256 / n)));
  const normal = () => Array.from({ length: n }, () => Array.from({ length: D }, () => generator.normal()));
  const sums = { infoNCE: 0, dv: 0, jsd: 0 };
  for (let batch = 0; batch < batches; batch++) {
    const [x, noise] = [normal(), normal()];
    const y = x.map((row, i) => row.map((v, t) => rho * v + Math.sqrt(1 - rho ** 2) * noise[i]![t]!));
    const [f, g] = towers(x, y, rho);
    sums.infoNCE += mutualInformationBound(f, g).item();
    sums.dv += mutualInformationBound(f, g, { estimator: 'dv' }).item();
    sums.jsd += 2 * Math.LN2 - mutualInformationLoss(f, g, { estimator: 'jsd' }).item();
  }
  const mean = (estimator: Estimator): number => sums[estimator] / batches;
  return { rho, truth: trueNats(rho), infoNCE: mean('infoNCE'), dv: mean('dv'), jsd: mean('jsd') };
}

const curves = new Map<number, readonly Estimate[]>();

/** The estimates of batches of N samples, over the true value; computed once for each N. */
export function curveOf(n: number): readonly Estimate[] {
  const known = curves.get(n);
  if (known !== undefined) return known;
  const points = 11;
  const curve = Array.from({ length: points }, (_, i) => estimateAt(correlationAt((MOST_NATS * i) / (points - 1)), n));
  curves.set(n, curve);
  return curve;
}
