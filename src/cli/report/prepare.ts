/** @file From the rows and the history of a run to what its report shows. */
import { balancedPairs } from '../../data/index.js';
import { Generator, ShapeError } from '../../index.js';
import { bytesOf, type PictureShape, pictureShape, picturesOf, rangeOf } from './bytes.js';
import { rowsOfClasses, someOfEachClass, someRows } from './choice.js';
import { courseOf, rocView } from './curves.js';
import type {
  Absent,
  Gallery,
  GalleryRow,
  Heatmap,
  ReportData,
  ReportInput,
  ReportRows,
  Roc,
  Sample,
  Scatter,
} from './data.js';
import { distance, type Nearest, nearestTo, type Rows, type Space, spaceOf, subspace } from './neighbours.js';
import { projected, rounded } from './projection.js';

const MOST_POINTS = 2000;
const MOST_CELLS = 200;
const LEAST_OF_CLASS = 4;
const PAIRS = 8000;
const NEIGHBOURS = 5;
const QUERIES = 8;
const MISTAKES = 4;
const TEXT_FEATURES = 6;
const LONGEST_NAME = 200;
const POINT_PICTURES = { side: 32, bytes: 1_500_000 };
const GALLERY_PICTURES = { side: 64, bytes: 1_500_000 };
/** How many differences of coordinates the search for neighbours may take. */
const SEARCH = 1e9;

const many = (count: number): string => count.toLocaleString('en');
const short = (text: string): string => (text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}…` : text);

/** Rows whose embeddings are finite. */
interface Usable {
  readonly source: ReportRows;
  /** The row of the source that each point is of. */
  readonly rows: readonly number[];
  readonly space: Space;
  /** -1 where there are no classes. */
  readonly labels: readonly number[];
  readonly left: number;
}

/** The places of classes in the order of their names, in which `10` comes after `9`. */
function ranksOf(names: readonly string[]): number[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const order = [...names.keys()].sort((p, q) => compare(names[p]!, names[q]!) || p - q);
  const ranks: number[] = [];
  order.forEach((label, rank) => {
    ranks[label] = rank;
  });
  return ranks;
}

function usable(what: string, source: ReportRows, unit: boolean, ranks: readonly number[]): Usable {
  const { count, embeddings, features, labels, sampleNames } = source;
  for (const [name, values] of Object.entries({ embeddings, features })) {
    if (count > 0 && Number.isInteger(values.length / count)) continue;
    if (count === 0 && values.length === 0) continue;
    throw new ShapeError('reportOf', `${what}.${name} must hold ${count} rows, got ${values.length} numbers`);
  }
  for (const [name, list] of Object.entries({ labels, sampleNames })) {
    if (list !== undefined && list.length !== count) {
      throw new ShapeError('reportOf', `${what}.${name} must have ${count} entries, got ${list.length}`);
    }
  }
  const all = spaceOf(embeddings, count, unit);
  const isKnown = (row: number): boolean =>
    all.values.subarray(row * all.size, (row + 1) * all.size).every(Number.isFinite);
  const rows = Array.from({ length: count }, (_, row) => row).filter(isKnown);
  return {
    source,
    rows,
    space: subspace(all, rows),
    labels: rows.map((row) => (labels === undefined ? -1 : (ranks[labels[row]!] ?? labels[row]!))),
    left: count - rows.length,
  };
}

function named({ source, rows, labels }: Usable, at: number): Sample {
  return { name: short(source.sampleNames?.[rows[at]!] ?? `row ${rows[at]! + 1}`), label: labels[at]! };
}

/** Makes what the page tells of a row. */
class Samples {
  readonly #featureNames: readonly string[];
  readonly #shape: PictureShape | undefined;

  constructor({ featureNames = [], shape }: ReportInput) {
    this.#featureNames = featureNames;
    this.#shape = pictureShape(shape);
  }

  featuresOf({ features, count }: ReportRows, row: number): number[] {
    const size = features.length / count;
    return Array.from({ length: size }, (_, at) => features[row * size + at]!);
  }

  of(part: Usable, at: number): Sample {
    if (this.#shape !== undefined) return named(part, at);
    return { ...named(part, at), text: this.#text(this.featuresOf(part.source, part.rows[at]!)) };
  }

  pictures(rows: readonly (readonly [Usable, number])[], options: typeof POINT_PICTURES): Pick<Gallery, 'pictures'> {
    const shape = this.#shape;
    if (shape === undefined || rows.length === 0) return {};
    const size = shape[0] * shape[1] * shape[2];
    const values = rows.map(([part, at]) => this.featuresOf(part.source, part.rows[at]!));
    const wrong = values.find(({ length }) => length !== size);
    if (wrong !== undefined) {
      throw new ShapeError('reportOf', `rows of shape [${shape}] must hold ${size} numbers, got ${wrong.length}`);
    }
    return { pictures: picturesOf(values, shape, options) };
  }

  #text(features: readonly number[]): string {
    const shown = features.slice(0, TEXT_FEATURES).map((value, at) => {
      const name = this.#featureNames[at];
      return name === undefined
        ? String(Number(value.toPrecision(3)))
        : `${short(name)} ${Number(value.toPrecision(3))}`;
    });
    const rest = features.length - shown.length;
    return shown.join(' · ') + (rest > 0 ? ` · … (${rest} more)` : '');
  }
}

/** Whose neighbours are whose. */
class Neighbourhood {
  readonly references: Usable;
  readonly note: string;
  readonly #tested: Usable;
  readonly #isOwn: boolean;
  readonly #searched: readonly number[];
  readonly #space: Space;

  constructor(tested: Usable, gallery: Usable | undefined, queries: number, generator: Generator) {
    this.#tested = tested;
    this.#isOwn = gallery === undefined;
    this.references = gallery ?? tested;
    const { space } = this.references;
    const most = Math.max(1000, Math.floor(SEARCH / (Math.max(1, queries) * Math.max(1, space.size))));
    this.#searched = someRows(space.count, most, generator);
    this.#space = subspace(space, this.#searched);
    const some =
      this.#searched.length < space.count ? ` (a random ${many(this.#searched.length)} of ${many(space.count)})` : '';
    this.note = `Neighbours are looked for among ${this.#isOwn ? 'the other test rows' : 'the labelled rows of the gallery'}${some}.`;
  }

  of(at: number): Nearest {
    const except = this.#isOwn ? this.#searched.indexOf(at) : -1;
    const { rows, distances } = nearestTo(this.#tested.space, at, this.#space, NEIGHBOURS, except);
    return { rows: rows.map((row) => this.#searched[row]!), distances };
  }
}

/** What a report shows of a run. Rows whose embedding is not finite are left out, and their number is told. */
export function reportOf(input: ReportInput): ReportData {
  const { title, command, facts, figures, settings, classes = [], diagnosis, metric, seed = 0 } = input;
  const unit = metric === 'cosine';
  const ranks = ranksOf(classes);
  const tested = usable('tested', input.tested, unit, ranks);
  const gallery = input.gallery === undefined ? undefined : usable('gallery', input.gallery, unit, ranks);
  const generator = new Generator(seed);
  const known: Pick<ReportData, 'scatter' | 'heatmap' | 'roc' | 'gallery'> =
    tested.rows.length === 0
      ? nothing(tested)
      : {
          ...pointsOf(input, tested, gallery, generator),
          heatmap: heatmapOf(input, tested, generator),
          roc: rocOf(input, tested),
        };
  return {
    format: 'contragrad-report',
    version: 1,
    title: short(title),
    command,
    facts,
    figures: figures.map((figure) => ({
      ...figure,
      values: figure.values.map((value) => (Number.isFinite(value) ? value : null)),
    })),
    settings,
    classes: ranks.map((_, rank) => short(classes[ranks.indexOf(rank)]!)),
    diagnosis:
      diagnosis === undefined
        ? { absent: 'No batch was diagnosed.' }
        : {
            verdict: diagnosis.verdict,
            findings: diagnosis.findings.map(({ message, advice }) => ({ message, advice })),
          },
    history: courseOf(input.history),
    ...known,
  };
}

function nothing({ left }: Usable): Pick<ReportData, 'scatter' | 'heatmap' | 'roc' | 'gallery'> {
  const absent = {
    absent: left === 0 ? 'There are no test rows.' : `None of the ${left} embeddings of test rows is finite.`,
  };
  return { scatter: absent, heatmap: absent, roc: absent, gallery: absent };
}

const leftOut = ({ left, source }: Usable): string[] =>
  left > 0 ? [`${left} of ${many(source.count)} test rows are left out: their embeddings are not finite.`] : [];

function pointsOf(
  input: ReportInput,
  tested: Usable,
  gallery: Usable | undefined,
  generator: Generator,
): { scatter: Scatter; gallery: Gallery | Absent } {
  const samples = new Samples(input);
  const shown = someRows(tested.rows.length, MOST_POINTS, generator);
  const neighbourhood = new Neighbourhood(tested, gallery, shown.length, generator);
  const { references } = neighbourhood;
  const nearest = shown.map((at) => neighbourhood.of(at));
  const { coordinates, x, y, note } = projected(subspace(tested.space, shown));
  const some =
    shown.length < tested.rows.length
      ? `A random ${many(shown.length)} of ${many(tested.rows.length)} test rows.`
      : `All ${many(shown.length)} test rows.`;
  const scatter: Scatter = {
    x,
    y,
    points: shown.map((at, i) => ({
      ...samples.of(tested, at),
      ...coordinates[i]!,
      neighbours: nearest[i]!.rows.map((row) => references.labels[row]!),
    })),
    ...samples.pictures(
      shown.map((at) => [tested, at] as const),
      POINT_PICTURES,
    ),
    note: [some, ...leftOut(tested), note].join(' '),
  };
  if (nearest[0]!.rows.length === 0) {
    return { scatter, gallery: { absent: 'There is no other row that could be near.' } };
  }
  const isMistake = (i: number): boolean => {
    const label = references.labels[nearest[i]!.rows[0]!]!;
    return label >= 0 && tested.labels[shown[i]!]! >= 0 && label !== tested.labels[shown[i]!];
  };
  const queries = queriesOf(
    shown.map((at) => tested.labels[at]!),
    isMistake,
    generator,
  );
  const members: (readonly [Usable, number])[] = [];
  const add = (part: Usable, at: number): number => members.push([part, at]) - 1;
  const rows: GalleryRow[] = queries.map(({ at, isChosenAsMistake }) => ({
    query: add(tested, shown[at]!),
    nearest: nearest[at]!.rows.map((row) => add(references, row)),
    distances: nearest[at]!.distances.map(rounded),
    isMistake: isChosenAsMistake,
  }));
  const mistakes = shown.filter((_, i) => isMistake(i)).length;
  const told =
    tested.labels[0]! < 0 || references.labels[0]! < 0
      ? ''
      : ` The nearest neighbour of ${many(mistakes)} of ${many(shown.length)} rows is of another class.`;
  return {
    scatter,
    gallery: {
      samples: members.map(([part, at]) => samples.of(part, at)),
      rows,
      ...samples.pictures(members, GALLERY_PICTURES),
      note: `Queries are test rows drawn at random${tested.labels[0]! < 0 ? '' : ', evenly over classes'}. ${neighbourhood.note}${told}`,
    },
  };
}

interface Query {
  readonly at: number;
  readonly isChosenAsMistake: boolean;
}

/** Some points, class after class in turn, and some whose nearest is of another class. */
function queriesOf(labels: readonly number[], isMistake: (at: number) => boolean, generator: Generator): Query[] {
  const order = generator.permutation(labels.length);
  const classes = rowsOfClasses(order.map((at) => labels[at]!)).map((list) => list.map((place) => order[place]!));
  const turn = someRows(classes.length, QUERIES, generator).map((at) => classes[at]!);
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(QUERIES, turn.flat().length); round++) {
    for (const list of turn) if (round < list.length && chosen.length < QUERIES) chosen.push(list[round]!);
  }
  chosen.sort((p, q) => labels[p]! - labels[q]!);
  const mistakes = order.filter((at) => isMistake(at) && !chosen.includes(at)).slice(0, MISTAKES);
  return [
    ...chosen.map((at) => ({ at, isChosenAsMistake: false })),
    ...mistakes.map((at) => ({ at, isChosenAsMistake: true })),
  ];
}

/** Rows without classes in an order in which those that are alike are close. */
function alongFirstComponent(space: Space, rows: readonly number[]): number[] {
  const { coordinates } = projected(subspace(space, rows));
  return [...rows.keys()].sort((p, q) => coordinates[p]!.x - coordinates[q]!.x).map((at) => rows[at]!);
}

function heatmapOf(input: ReportInput, tested: Usable, generator: Generator): Heatmap {
  const { rows: chosen, classes } = someOfEachClass(tested.labels, {
    most: MOST_CELLS,
    least: LEAST_OF_CLASS,
    generator,
  });
  const hasClasses = tested.source.labels !== undefined;
  const rows = hasClasses ? chosen : alongFirstComponent(tested.space, chosen);
  const space = subspace(tested.space, rows);
  const isCosine = input.metric === 'cosine';
  const cells = new Float64Array(rows.length ** 2);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < rows.length; column++) {
      const far = distance(space, row, space, column);
      // Of points of length 1.
      cells[row * rows.length + column] = isCosine ? 1 - far ** 2 / 2 : far;
    }
  }
  const [least, most] = rangeOf(cells);
  const total = new Set(tested.labels).size;
  const notes = [
    rows.length < tested.rows.length
      ? `A random ${rows.length} of ${many(tested.rows.length)} test rows${total > 1 ? `, as evenly over ${classes < total ? `${classes} of ${total}` : `all ${total}`} classes as there are rows` : ''}.`
      : `All ${rows.length} test rows.`,
  ];
  if (!hasClasses) notes.push('Rows are sorted along the first main direction (PCA) of the embeddings.');
  if (total > 1) notes.push('Rows are sorted by class; lines are where classes meet.');
  return {
    measure: isCosine ? 'cosine similarity' : 'distance',
    samples: rows.map((at) => named(tested, at)),
    bytes: bytesOf(cells, least, most),
    least: rounded(least),
    most: rounded(most),
    note: notes.join(' '),
  };
}

function rocOf({ seed = 0, metric }: ReportInput, tested: Usable): Roc | Absent {
  const { source, labels, space, rows } = tested;
  if (source.labels === undefined) {
    return { absent: 'Test rows have no classes, so no pair is known to be of one class or of two.' };
  }
  const classes = rowsOfClasses(labels);
  if (classes.length < 2) return { absent: 'All test rows are of one class: there is no pair of different classes.' };
  if (classes.every((list) => list.length < 2)) {
    return { absent: 'No class has two test rows: there is no pair of one class.' };
  }
  const pairs = balancedPairs(Int32Array.from(labels), { count: PAIRS, generator: new Generator(seed) });
  const scores = (points: Rows, at: (row: number) => number): number[] =>
    pairs.a.map((a, i) => -distance(points, at(a), points, at(pairs.b[i]!)));
  const features: Rows = { size: source.features.length / source.count, values: source.features };
  const raw = scores(features, (row) => rows[row]!);
  return {
    encoder: rocView(
      scores(space, (row) => row),
      pairs.same,
    ),
    ...(raw.every(Number.isFinite) && { raw: rocView(raw, pairs.same) }),
    note: `${many(PAIRS)} pairs of test rows, half of them of one class; the encoder by ${metric === 'cosine' ? 'cosine similarity' : 'distance'}, raw features by distance.`,
  };
}
