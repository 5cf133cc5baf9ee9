/** @file Losses and figures over epochs. */
import { dot, gridY, lineY, type Markish, plot, ruleX, text } from '@observablehq/plot';
import type { HistoryEntry, ReportData } from '../data.js';
import { chart, type Drawing, keyOf, type LineLook, LOOK, type Scaled } from './chart.js';
import { element, remark, section } from './element.js';
import { digits, smooth } from './numbers.js';

type Course = Exclude<ReportData['history'], { absent: string }>;

interface Series extends LineLook {
  readonly values: readonly (number | null)[];
}

/** The same values, smoothed where they are many, with the values themselves behind. */
function lines(entries: readonly HistoryEntry[], { values, color, dash }: Series, reach: number): Markish[] {
  const at = (list: readonly (number | null)[]) =>
    entries.map(({ epoch }, i) => ({ epoch, value: list[i] ?? Number.NaN }));
  const isAlone = (i: number): boolean =>
    values[i] !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null;
  const channels = { x: 'epoch', y: 'value', stroke: color } as const;
  return [
    ...(reach > 0 ? [lineY(at(values), { ...channels, strokeOpacity: 0.3, strokeWidth: 1 })] : []),
    lineY(at(reach > 0 ? smooth(values, reach) : values), { ...channels, strokeWidth: 2, strokeDasharray: dash }),
    dot(
      at(values).filter((_, i) => isAlone(i)),
      { x: 'epoch', y: 'value', fill: color, r: 3.5 },
    ),
  ];
}

/** Round numbers for a logarithmic axis: powers of ten, with twice and five times them where there are few. */
function roundNumbers(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least));
  const decades = Math.ceil(Math.log10(most)) - first;
  const steps = decades > 3 ? [1] : decades > 2 ? [1, 3] : [1, 2, 5];
  return Array.from({ length: decades + 1 }, (_, i) => steps.map((step) => step * 10 ** (first + i)))
    .flat()
    .filter((tick) => tick >= least && tick <= most);
}

/** A little more than what the values span. */
function domainOf(series: readonly Series[], isLog: boolean): [number, number] {
  const known = series.flatMap(({ values }) => values).filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (isLog) return [least / 1.1, most * 1.1];
  const room = least === most ? Math.abs(least) / 10 || 1 : 0;
  return [least - room, most + room];
}

function courseOf(
  title: string,
  course: Course,
  series: readonly Series[],
  { isLog, height }: { readonly isLog: boolean; readonly height: number },
): HTMLElement {
  const { entries, kept } = course;
  const reach = reachOf(entries);
  const [first, last] = [entries[0]!.epoch, entries.at(-1)!.epoch];
  const range = { domain: domainOf(series, isLog), nice: !isLog, ticks: 5 };
  const draw = (width: number): Drawing => {
    const svg = plot({
      ...LOOK,
      width,
      height,
      marginLeft: 52,
      marginRight: 16,
      marginTop: 28,
      marginBottom: 40,
      x: {
        label: 'epoch',
        labelArrow: 'none',
        labelAnchor: 'center',
        ticks: Math.min(entries.length, width < 500 ? 5 : 8),
        tickFormat: (epoch: number) => digits(epoch),
        ...(first === last && { domain: [first - 1, first + 1], ticks: [first] }),
      },
      y: {
        label: isLog ? `${title} (logarithmic scale)` : title,
        labelArrow: 'none',
        type: isLog ? 'log' : 'linear',
        ...range,
        ...(isLog && { ticks: roundNumbers(...range.domain), tickFormat: (value: number) => digits(value) }),
      },
      marks: [
        gridY({ strokeOpacity: 0.12, ...(isLog && { ticks: roundNumbers(...range.domain) }) }),
        ...(kept === undefined ? [] : [ruleX([kept], { stroke: 'var(--muted)', strokeDasharray: '2 3' })]),
        ...series.flatMap((one) => lines(entries, one, reach)),
        ...(kept === undefined
          ? []
          : [
              text([kept], {
                x: (v: number) => v,
                frameAnchor: 'top',
                text: () => 'kept',
                dy: 4,
                dx: kept > (first + last) / 2 ? -5 : 5,
                textAnchor: kept > (first + last) / 2 ? 'end' : 'start',
                fill: 'var(--muted)',
                stroke: 'var(--panel)',
                strokeWidth: 3,
              }),
            ]),
      ],
    }) as Scaled;
    const [x, y] = [svg.scale('x'), svg.scale('y')];
    return {
      svg,
      count: entries.length,
      at: (i) => {
        const value = series.map(({ values }) => values[i] ?? null).find((known) => known !== null);
        return [x.apply(entries[i]!.epoch), value === undefined || value === null ? height / 2 : y.apply(value)];
      },
      find: (px) => {
        const far = entries.map(({ epoch }) => Math.abs(x.apply(epoch) - px));
        return far.indexOf(Math.min(...far));
      },
      describe: (i) => [
        element('strong', {}, `epoch ${digits(entries[i]!.epoch)}`),
        ...series.map(({ name, values }) => element('div', {}, `${name}: ${digits(values[i])}`)),
      ],
    };
  };
  const label = `${title} over epochs: ${series.map(({ name }) => name).join(', ')}`;
  return element('div', {}, keyOf(series), chart(label, draw, 'Arrow keys move along the curve'));
}

/** How many neighbours on either side smooth a curve. */
const reachOf = ({ length }: readonly HistoryEntry[]): number => (length < 30 ? 0 : Math.round(length / 40));

/** The loss curves, and the figure on validation rows where there is one. */
export function historySection(history: ReportData['history']): HTMLElement {
  if ('absent' in history) return section('history', 'Training', ...remark(history.absent));
  const { entries } = history;
  const column = (of: keyof HistoryEntry): (number | null)[] => entries.map((entry) => entry[of] ?? null);
  const series: Series[] = [
    { name: 'training loss', color: 'var(--line-1)', dash: '', values: column('loss') },
    { name: 'validation loss', color: 'var(--line-2)', dash: '6 3', values: column('validationLoss') },
  ].filter(({ values }, at) => at === 0 || values.some((value) => value !== null));
  const known = series.flatMap(({ values }) => values).filter((value) => value !== null);
  const least = Math.min(...known);
  const isLog = known.length > 1 && least > 0 && Math.max(...known) > 30 * least;
  const figure: Series = {
    name: `${history.figure ?? 'figure'} on validation rows`,
    color: 'var(--line-2)',
    dash: '6 3',
    values: column('validationFigure'),
  };
  const reach = reachOf(entries);
  const hasFigure = figure.values.some((value) => value !== null);
  const notes = [
    history.note,
    reach > 0 ? `Bold lines are means over ${2 * reach + 1} records, faint ones the records themselves.` : '',
    history.kept === undefined
      ? ''
      : `The weights of epoch ${digits(history.kept)} were kept: the best on validation rows.`,
    series.length === 1 && !hasFigure ? 'No validation rows were set aside.' : '',
  ];
  const content =
    known.length === 0
      ? remark(`None of the ${entries.length} losses recorded is finite.`)
      : [
          courseOf('loss', history, series, { isLog, height: hasFigure ? 240 : 360 }),
          ...(hasFigure
            ? [courseOf(history.figure ?? 'figure', history, [figure], { isLog: false, height: 200 })]
            : []),
        ];
  return section(
    'history',
    'Training',
    ...content,
    ...(known.length === 0 ? [] : remark(notes.filter((note) => note !== '').join(' '))),
  );
}
