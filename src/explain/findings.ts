/** @file What the figures of a diagnosis mean, in words. Every finding names the figure that it rests on. */
import type { BatchProblem } from '../mining/validate.js';
import type { Finding } from './diagnosis.js';
import { type Figures, ONE_POINT, type Signs } from './figures.js';

const BATCH_ADVICE: Readonly<Record<BatchProblem['kind'], string>> = {
  notFinite:
    'Look for such rows in the data; if it has none, the encoder diverged: start again with a smaller learning rate',
  singletonClasses: 'Sample several rows of each class, for example P classes with K rows each',
  noPositives: 'Sample several rows of each class, or make two views of each sample',
  noNegatives: 'Sample more than one class',
  duplicates: 'Augment the views, or leave duplicates out of the batch',
  probableFalseNegatives: 'Check the labels of these rows, or leave such pairs out of the negatives',
  zeroVectors: 'Look for rows of zeros in the data, or units that are dead (ReLU at the end of an encoder)',
  notNormalized: 'Pass normalize: true, or bring rows to length 1 before, unless lengths are meant to count',
  unreachableMargin: 'Choose a smaller margin',
};

const ENCODER_ADVICE =
  'Check that the inputs differ; if they do, the encoder no longer tells them apart: start again with a smaller learning rate';
const CLASS_ADVICE =
  'Equal rows are of one class: copies in the data, or classes that have each been drawn to a point, where nothing is left to pull';

/** Four digits; what rounding leaves of 0 is 0. */
const digits = (value: number): string => String(Math.abs(value) < 1e-12 ? 0 : Number(value.toPrecision(4)));
const percent = (part: number): string => (part > 0 && part < 1e-6 ? 'under 0.0001 %' : `${digits(100 * part)} %`);

type Report = (holds: boolean, kind: Finding['kind'], message: string, advice: string) => void;

/** What the figures mean, the worst first. */
export function findingsOf(figures: Figures, signs: Signs): Finding[] {
  const found: Finding[] = [];
  const report: Report = (holds, kind, message, advice) => {
    if (holds) found.push({ kind, message, advice });
  };
  const { loss } = figures;
  report(
    !Number.isFinite(loss),
    'notFinite',
    `The loss is ${loss}`,
    'Find the operation that made it with detectAnomaly',
  );
  report(
    Number.isFinite(loss) && !signs.isGradientFinite,
    'notFinite',
    `The loss is ${digits(loss)}, but a gradient is NaN or infinite`,
    'Find the operation that made it with detectAnomaly',
  );
  // Of numbers that are none nothing more can be said than which rows they are in.
  if (found.length === 0) {
    const isCollapsed = collapsed(figures, signs);
    ofCollapse(report, figures, signs, isCollapsed);
    if (!isCollapsed) ofLabels(report, figures, signs);
    if (!isCollapsed) ofRank(report, figures);
    ofSettings(report, figures, signs, isCollapsed);
    ofProgress(report, figures, signs, isCollapsed);
    ofGradients(report, figures, signs);
  }
  ofBatch(report, figures, signs);
  return found;
}

/** Whether the rows are one point to the loss: hardly spread, and the loss is what it would be then. */
function collapsed({ spread, loss, collapseValue }: Figures, { quantity }: Signs): boolean {
  const scale = Math.max(Math.abs(collapseValue), quantity === 'similarity' ? 0.5 : 0);
  return spread < ONE_POINT && (scale === 0 || Math.abs(loss - collapseValue) <= 0.02 * scale);
}

function ofCollapse(report: Report, figures: Figures, signs: Signs, isCollapsed: boolean): void {
  const { collapseValue, spread, gradientNorms, active, batch } = figures;
  const { rows } = batch.counts;
  const [near, far] = [active.positives.total, active.negatives.total];
  const how =
    signs.reach === null ? `spread ${percent(spread)}` : `two lie ${percent(spread)} of the margin's distance apart`;
  const { most } = gradientNorms;
  const slope = most < 1e-6 ? 'no slope there, so no step leads out' : `hardly a slope there (at most ${digits(most)})`;
  report(
    isCollapsed && rows > 1,
    'collapse',
    `All ${rows} embeddings are all but one point (${how}), where the loss is ${digits(collapseValue)}`,
    far === 0
      ? 'Nothing pushes them apart: sample more than one class'
      : signs.squaresDistances
        ? `Squared distances have ${slope}: start again with squared: false, semi-hard negatives or a smaller learning rate`
        : 'Start again from another seed with a smaller learning rate, and check that the encoder tells its inputs apart',
  );
  report(
    far === 0,
    'noNegatives',
    near === 0
      ? `The batch has no pair: it has ${rows} ${rows === 1 ? 'row' : 'rows'}`
      : figures.batch.counts.classes === 1
        ? `All rows are of one class: of ${near} pairs none is to be apart, and one point for everything is the best answer`
        : `Of ${near} pairs none is to be apart, and one point for everything is the best answer`,
    'Sample more than one class',
  );
  report(
    near === 0 && far > 0,
    'noPositives',
    `Of ${far} pairs none is to be near: no two rows are of one class, and nothing is pulled together`,
    BATCH_ADVICE.noPositives,
  );
}

/** What one point for everything loses, where that is more than rounding: the constant to compare a loss with. */
const hasConstant = ({ collapseValue, active }: Figures): boolean =>
  collapseValue > 1e-9 && active.positives.total > 0 && active.negatives.total > 0;

/** Which share of the way from one point for everything to the best there is, no temperature given, this temperature allows. */
const rangeOf = ({ collapseValue }: Figures, { bounds }: Signs): number =>
  bounds === null ? 1 : (collapseValue - bounds.best) / (collapseValue - bounds.ideal);

const isHot = (figures: Figures, signs: Signs): boolean => hasConstant(figures) && rangeOf(figures, signs) < 0.2;

/** Whether the margin is nothing beside the distances, though classes do not lie apart. */
const isMarginTiny = (signs: Signs): boolean =>
  signs.reach !== null && !liesApart(signs) && signs.reach < 0.01 * signs.medianDistance;

/** Whether few of the rows are of another class than the rest, or few pairs are to be apart. */
function isImbalanced({ active, batch }: Figures, { largestClass }: Signs): boolean {
  const { rows, classes } = batch.counts;
  const [near, far] = [active.positives.total, active.negatives.total];
  return largestClass === null
    ? far > 0 && near + far >= 20 && far < 0.05 * (near + far)
    : rows >= 8 && classes > 1 && largestClass > 0.8 * rows;
}

/** Whether every pair that should be near is nearer than every one that should be apart. */
const liesApart = ({ quantity, positives, negatives }: Signs): boolean =>
  quantity === 'distance' ? positives.most < negatives.least : positives.least > negatives.most;

function ofLabels(report: Report, { active, batch }: Figures, signs: Signs): void {
  const { neighbours, medianDistance, positives, negatives, order, views } = signs;
  const { rows } = batch.counts;
  const within = `within ${percent(neighbours.radius / medianDistance)} of the usual distance`;
  const isIdentical = views.total > 1 && views.count === views.total;
  report(
    isIdentical,
    'identicalViews',
    `The two rows of all ${views.total} pairs that should be near are equal`,
    'There is nothing to bring together: make views that differ, by augmentation, and check that both are not the same tensor',
  );
  const [near, far] = [active.positives.total, active.negatives.total];
  const hasGroups = neighbours.apart >= Math.max(rows / 2, 6) && neighbours.near <= rows / 5;
  const isReversed =
    near >= 5 && far >= 5 && order <= 0.05 && signs.quantity === 'distance' && positives.mean >= 2 * negatives.mean;
  const isWrong = near > 0 && far > 0 && (hasGroups || isReversed);
  report(
    isWrong,
    'labels',
    !isReversed
      ? `${neighbours.apart} of ${rows} rows have one that should be apart ${within}, and ${neighbours.near} one that should be near`
      : `The ${near} pairs that should be near lie further apart (mean ${digits(positives.mean)}) than the ${far} that should be apart ` +
          `(${digits(negatives.mean)})`,
    !isReversed
      ? 'The embeddings form groups that the labels do not follow: check that labels and rows are in one order'
      : 'Check the labels: whether 1 means the same (labelMeans), and whether they are in the order of the rows',
  );
  const { strangers = 0, others = 0 } = signs.company ?? {};
  report(
    !isWrong && rows >= 12 && strangers > 0 && strangers <= rows / 4 && others >= 0.7,
    'labels',
    `${strangers} of ${rows} rows ${strangers === 1 ? 'has' : 'have'} two of other classes more than twice as near as any of the own, where of the ` +
      `others' nearest ${percent(others)} are of their class`,
    'Check the labels of these rows: the others form groups that their labels follow',
  );
}

function ofRank(report: Report, { batch, effectiveRank: rank, dimensions }: Figures): void {
  const { rows, classes } = batch.counts;
  // Classes that are told apart need one dimension less than there are of them.
  const needed = Math.min(Math.min(dimensions, rows) / 4, (classes - 1) / 2);
  report(
    rank !== null && dimensions >= 4 && rank < needed,
    'lowRank',
    `The embeddings use ${digits(rank ?? 0)} of ${dimensions} dimensions, for ${classes} that should be told apart`,
    'Take more or harder negatives, a smaller temperature, or shorter embeddings',
  );
}

/** From which difference of scores on all but the largest have no weight left, e⁻⁵⁰, even among millions. */
const COLD = 50;

function ofSettings(report: Report, figures: Figures, signs: Signs, isCollapsed: boolean): void {
  const { loss, collapseValue, batch } = figures;
  for (const { kind, message } of batch.problems) {
    report(kind === 'unreachableMargin', 'unreachableMargin', capital(message), BATCH_ADVICE.unreachableMargin);
  }
  const { bounds, temperature, scoreRange, reach, medianDistance, margin } = signs;
  report(
    isHot(figures, signs),
    'hot',
    `At temperature ${digits(temperature)} no embeddings bring the loss below ${digits(bounds?.best ?? 0)}, and one point for everything has ` +
      digits(collapseValue),
    'Choose a smaller temperature: between 0.05 and 0.5 is usual',
  );
  report(
    hasConstant(figures) && scoreRange > COLD && loss > 2 * collapseValue,
    'cold',
    `The loss is ${digits(loss)} (one point for everything: ${digits(collapseValue)}): scores lie up to ${digits(scoreRange)} apart at temperature ` +
      `${digits(temperature)}, so that each row feels one other alone`,
    bounds === null
      ? 'Normalize the embeddings, or raise the temperature'
      : 'Raise the temperature: between 0.05 and 0.5 is usual',
  );
  report(
    hasConstant(figures) && !isCollapsed && isMarginTiny(signs),
    'tinyMargin',
    `The margin (${digits(margin)}) asks for a distance of ${digits(reach ?? 0)}, and two rows usually lie ${digits(medianDistance)} apart`,
    'Raise the margin, or bring the embeddings to its scale (normalize: true)',
  );
}

function ofProgress(report: Report, figures: Figures, signs: Signs, isCollapsed: boolean): void {
  const { loss, collapseValue, active, spread } = figures;
  const { positives, negatives, bounds, order, scoreRange, quantity, reach } = signs;
  const isPaired = active.positives.total > 0 && active.negatives.total > 0;
  const isExplained = isCollapsed || isHot(figures, signs) || isMarginTiny(signs) || isImbalanced(figures, signs);
  report(
    hasConstant(figures) && !isExplained && loss > 1.5 * collapseValue && order < 0.6 && scoreRange <= COLD,
    'aboveCollapse',
    `The loss (${digits(loss)}) is ${digits(loss / collapseValue)} times that of one point for everything (${digits(collapseValue)}): pairs that ` +
      `should be near have a mean ${quantity} of ${digits(positives.mean)}, the others of ${digits(negatives.mean)}`,
    'So it is before anything is learned; if it stays, check that the labels are in the order of the rows',
  );
  const off = Math.abs(loss - collapseValue) / collapseValue;
  const hardlySpread = reach !== null && spread < 0.05;
  report(
    hasConstant(figures) && !isCollapsed && !isHot(figures, signs) && (off < 0.02 || (hardlySpread && off < 0.2)),
    'collapseValue',
    `The loss (${digits(loss)}) is within ${off < 0.02 ? '2 %' : percent(off)} of what one point for everything gives (${digits(collapseValue)}), while ` +
      (reach === null
        ? `the spread is ${percent(spread)}`
        : `two rows lie ${percent(spread)} of the margin's distance apart`),
    `Early in training that is where a loss starts; if it stays there, raise the learning rate${hardlySpread ? ', choose a smaller margin' : ''} or look at the labels`,
  );
  const pairs = active.positives.total + active.negatives.total;
  const activePairs = active.positives.count + active.negatives.count;
  report(
    isPaired && activePairs === 0 && !isCollapsed && loss <= 1e-12,
    'nothingActive',
    `None of the ${pairs} pairs has a force (loss ${digits(loss)})`,
    'The batch is solved: raise the margin, or mine harder negatives',
  );
  const { count, total } = active.negatives;
  const isApart = liesApart(signs);
  report(
    isPaired && activePairs > 0 && total >= 20 && count < 0.05 * total && (count === 0 || !signs.isMined),
    'fewActive',
    count === 0
      ? `None of the ${total} negative pairs has a force: the nearest lie ${digits(negatives.least)} apart`
      : `Only ${count} of ${total} negative pairs ${count === 1 ? 'has' : 'have'} a force`,
    count > 0
      ? 'Mine harder negatives, or average over the active ones only'
      : isApart
        ? `The classes lie apart (their own rows at most ${digits(positives.most)}), so the batch is all but solved: raise the margin, or mine harder negatives`
        : `The margin asks for no more, though rows of one class lie up to ${digits(positives.most)} apart: raise it`,
  );
  const floor = bounds?.ideal ?? 0;
  report(
    hasConstant(figures) && activePairs > 0 && loss - floor < 1e-4 * (collapseValue - floor),
    'saturated',
    `The loss is all but ${digits(floor)} (${digits(loss)}), and one point for everything has ${digits(collapseValue)}: the batch is solved`,
    'Take larger batches, harder negatives or stronger augmentation',
  );
}

function ofGradients(report: Report, figures: Figures, { quantity }: Signs): void {
  const { loss, gradientNorms, active } = figures;
  const { most } = gradientNorms;
  report(
    active.positives.total > 0 && active.negatives.total > 0 && most < 1e-8 && loss > 1e-6,
    'vanishingGradient',
    `The loss is ${digits(loss)}, but no gradient is longer than ${digits(most)}`,
    quantity === 'similarity'
      ? 'Raise the temperature; rows that lie exactly opposite feel nothing on the sphere: start from another seed'
      : 'The slope is 0 where rows are equal: start from another seed',
  );
  report(
    most > 1e3,
    'explodingGradient',
    `A gradient is ${digits(most)} long`,
    quantity === 'similarity'
      ? 'Raise the temperature, normalize the embeddings, or take a smaller learning rate'
      : 'Normalize the embeddings, or take a smaller learning rate',
  );
}

function ofBatch(report: Report, figures: Figures, signs: Signs): void {
  const { batch, active } = figures;
  const { rows } = batch.counts;
  const { largestClass, views } = signs;
  const [near, far] = [active.positives.total, active.negatives.total];
  report(
    isImbalanced(figures, signs),
    'imbalanced',
    largestClass === null
      ? `Only ${far} of ${near + far} pairs ${far === 1 ? 'is' : 'are'} to be apart`
      : `${largestClass} of ${rows} rows are of one class`,
    largestClass === null ? 'Draw as many pairs that differ as pairs that are the same' : BATCH_ADVICE.singletonClasses,
  );
  const isSaid = ({ kind, rows: concerned }: BatchProblem): boolean =>
    kind === 'unreachableMargin' ||
    kind === 'noNegatives' ||
    kind === 'noPositives' ||
    (kind === 'singletonClasses' && near === 0) ||
    (kind === 'duplicates' && views.count > 0 && concerned.length <= 2 * views.count);
  for (const problem of batch.problems) {
    // A few equal rows come from the data, many from the encoder.
    const isMany = problem.kind === 'duplicates' && problem.rows.length > rows / 2;
    const advice = isMany ? (signs.equalWithinClasses ? CLASS_ADVICE : ENCODER_ADVICE) : BATCH_ADVICE[problem.kind];
    report(!isSaid(problem), 'batch', capital(problem.message), advice);
  }
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** What is said where nothing was found. */
export function healthy({ loss, collapseValue, active, effectiveRank: rank, dimensions }: Figures): string {
  const { positives, negatives } = active;
  const share = `${positives.count + negatives.count} of ${positives.total + negatives.total} pairs have a force`;
  return (
    `Nothing looks wrong: loss ${digits(loss)} (one point for everything: ${digits(collapseValue)}), ${share}, ` +
    `${digits(rank ?? 0)} of ${dimensions} dimensions in use.`
  );
}
