/** @file Figures of one or several runs, as lines. */
import type { Figures, NotedFigures } from './run.js';

/** A figure of all runs. */
export interface FigureSummary {
  readonly key: keyof Figures;
  readonly name: string;
  /** One for each run; null where the rows cannot give it. */
  readonly values: readonly (number | null)[];
  readonly mean: number | null;
  /** The standard deviation over the runs, dividing by one less; null for a single run. */
  readonly sd: number | null;
  /** The same of the features as they came. */
  readonly raw: number | null;
  readonly format: 'fraction' | 'percent';
  readonly note: string;
}

/** Mean and standard deviation of numbers. */
export function meanAndDeviation(values: readonly number[]): { mean: number; sd: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length < 2 ? null : Math.sqrt(square / (values.length - 1)) };
}

/** The figures of some runs together. */
export function summaryOf(
  results: readonly { readonly figures: NotedFigures }[],
  raw: NotedFigures,
  rows: number,
): readonly FigureSummary[] {
  const own = results[0]?.figures.note ?? '';
  const on = own === '' ? `on ${rows} test rows` : `on ${own}`;
  const pairs = 'on pairs of test rows';
  const kinds = [
    {
      key: 'knn',
      name: '3-NN accuracy',
      format: 'fraction',
      note: raw.note === '' || raw.note === own ? on : `${on}; raw on ${raw.note}`,
    },
    { key: 'auc', name: 'ROC-AUC', format: 'fraction', note: pairs },
    { key: 'eer', name: 'equal error rate', format: 'percent', note: pairs },
  ] as const;
  return kinds.map(({ key, ...kind }) => {
    const values = results.map(({ figures }) => figures[key]);
    const known = values.filter((value) => value !== null);
    const { mean, sd } = known.length === 0 ? { mean: null, sd: null } : meanAndDeviation(known);
    return { key, ...kind, values, mean, sd, raw: raw[key] };
  });
}

/** A figure as it is written. */
export function written(value: number | null, format: FigureSummary['format']): string {
  if (value === null) return '-';
  return format === 'percent' ? `${(100 * value).toFixed(2)} %` : value.toFixed(4);
}

/** The figures, a line each; of several runs as a table with mean and standard deviation. */
export function figureLines(
  summary: readonly FigureSummary[],
  results: readonly { readonly seed: number; readonly figures: Figures }[],
): string[] {
  if (results.length === 1) {
    return [
      '',
      ...summary.map(({ name, mean, raw, format, note }) =>
        `${name.padEnd(20)}${written(mean, format)}  (raw features ${written(raw, format)}) ${note}`.trimEnd(),
      ),
      '',
    ];
  }
  const row = (first: string, cells: readonly string[]): string =>
    first.padEnd(14) + cells.map((cell) => cell.padEnd(18)).join('');
  return [
    '',
    row(
      '',
      summary.map(({ name }) => name),
    ).trimEnd(),
    ...results.map(({ seed, figures }) =>
      row(
        `seed ${seed}`,
        summary.map(({ key, format }) => written(figures[key], format)),
      ).trimEnd(),
    ),
    row(
      'mean',
      summary.map(({ mean, format }) => written(mean, format)),
    ).trimEnd(),
    row(
      's.d.',
      summary.map(({ sd, format }) => written(sd, format)),
    ).trimEnd(),
    row(
      'raw features',
      summary.map(({ raw, format }) => written(raw, format)),
    ).trimEnd(),
    '',
  ];
}
