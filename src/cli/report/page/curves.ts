/** @file The curves: losses and figures over epochs, and ROC. */
import { dot, gridX, gridY, line, lineY, type Markish, plot, ruleX, text } from '@observablehq/plot';
import type { HistoryEntry, ReportData, Roc, RocView } from '../data.js';
import { chart, type Drawing, LOOK } from './chart.js';
import { element, remark, section } from './element.js';
import { digits, percent, smooth } from './numbers.js';

type Course = Exclude<ReportData['history'], { absent: string }>;

interface Series {
  readonly name: string;
  readonly color: string;
  readonly dash: string;
  readonly values: readonly (number | null)[];
}

/** What the colour and dash of a line mean. */
function key(series: readonly { readonly name: string; readonly color: string; readonly dash: string }[]): HTMLElement {
  return element(
    'ul',
    { class: 'key' },
    ...series.map(({ name, color, dash }) => {
      const swatch = element('span', { class: dash === '' ? 'swatch' : 'swatch dashed', 'aria-hidden': 'true' });
      swatch.style.color = color;
      return element('li', {}, swatch, name);
    }),
  );
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

function courseOf(title: string, course: Course, series: readonly Series[], isLog: boolean): HTMLElement {
  const { entries, kept } = course;
  const reach = reachOf(entries);
  const draw = (width: number): Drawing => {
    const svg = plot({
      ...LOOK,
      width,
      height: Math.min(300, Math.max(220, width * 0.55)),
      marginLeft: 52,
      marginRight: 16,
      marginTop: 28,
      marginBottom: 40,
      x: {
        label: 'epoch',
        labelArrow: 'none',
        labelAnchor: 'center',
        nice: false,
        ticks: width < 500 ? 5 : 8,
        ...(entries.length === 1 && { domain: [0, 2 * entries[0]!.epoch || 1] }),
      },
      y: {
        label: isLog ? `${title} (logarithmic scale)` : title,
        labelArrow: 'none',
        type: isLog ? 'log' : 'linear',
        nice: !isLog,
        ticks: 5,
        ...(isLog ? { tickFormat: (v: number) => digits(v) } : {}),
      },
      marks: [
        gridY({ strokeOpacity: 0.12 }),
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
                dx: kept > entries.at(-1)!.epoch / 2 ? -5 : 5,
                textAnchor: kept > entries.at(-1)!.epoch / 2 ? 'end' : 'start',
                fill: 'var(--muted)',
                stroke: 'var(--panel)',
                strokeWidth: 3,
              }),
            ]),
      ],
    }) as SVGSVGElement & { scale: (name: 'x' | 'y') => { apply: (v: number) => number } };
    const [x, y] = [svg.scale('x'), svg.scale('y')];
    const height = Number(svg.getAttribute('height'));
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
  return element('div', {}, key(series), chart(label, draw, 'Arrow keys move along the curve'));
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
  const notes = [
    history.note,
    reach > 0 ? `Bold lines are means over ${2 * reach + 1} records, faint ones the records themselves.` : '',
    history.kept === undefined
      ? ''
      : `The weights of epoch ${digits(history.kept)} were kept: the best on validation rows.`,
    series.length === 1 && figure.values.every((value) => value === null) ? 'No validation rows were set aside.' : '',
  ];
  const content =
    known.length === 0
      ? remark('No loss was finite.')
      : [
          courseOf('loss', history, series, isLog),
          ...(figure.values.some((value) => value !== null)
            ? [courseOf(history.figure ?? 'figure', history, [figure], false)]
            : []),
        ];
  return section('history', 'Training', ...content, ...remark(notes.filter((note) => note !== '').join(' ')));
}

const told = ({ area, equalError }: RocView): string => `area ${area.toFixed(4)}, equal error ${percent(equalError)}`;

function rocChart({ encoder, raw }: Roc): HTMLElement {
  const views = [encoder, ...(raw === undefined ? [] : [raw])];
  const styles = [
    { color: 'var(--line-1)', dash: '', name: 'encoder' },
    { color: 'var(--line-2)', dash: '6 3', name: 'raw features' },
  ];
  const points = views.flatMap((view, at) => view.falseAccepts.map((x, i) => ({ x, y: view.trueAccepts[i]!, at })));
  const draw = (width: number): Drawing => {
    const side = Math.min(width, 440);
    const svg = plot({
      ...LOOK,
      width: side,
      height: side,
      marginLeft: 52,
      marginRight: 16,
      marginTop: 28,
      marginBottom: 44,
      x: {
        label: 'false accepts (share of pairs of two classes)',
        labelArrow: 'none',
        labelAnchor: 'center',
        domain: [0, 1],
        ticks: 5,
      },
      y: { label: 'true accepts (share of pairs of one class)', labelArrow: 'none', domain: [0, 1], ticks: 5 },
      marks: [
        gridX({ strokeOpacity: 0.12 }),
        gridY({ strokeOpacity: 0.12 }),
        line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: 'var(--muted)', strokeDasharray: '1 4' },
        ),
        line(
          [
            [0, 1],
            [1, 0],
          ],
          { stroke: 'var(--muted)', strokeOpacity: 0.35 },
        ),
        ...views.map((view, at) =>
          line(
            view.falseAccepts.map((x, i) => [x, view.trueAccepts[i]!]),
            { stroke: styles[at]!.color, strokeDasharray: styles[at]!.dash, strokeWidth: 2 },
          ),
        ),
        dot(views, {
          x: 'equalError',
          y: ({ equalError }: RocView) => 1 - equalError,
          fill: 'var(--panel)',
          stroke: (_: RocView, at: number) => styles[at]!.color,
          strokeWidth: 2,
          r: 4.5,
        }),
        text(views, {
          x: 'equalError',
          y: ({ equalError }: RocView) => 1 - equalError,
          text: ({ equalError }: RocView) => `equal error ${percent(equalError)}`,
          textAnchor: 'start',
          dx: 10,
          dy: 12,
          fill: 'currentColor',
          stroke: 'var(--panel)',
          strokeWidth: 4,
        }),
      ],
      color: { type: 'identity' },
    }) as SVGSVGElement & { scale: (name: 'x' | 'y') => { apply: (v: number) => number } };
    const [x, y] = [svg.scale('x'), svg.scale('y')];
    const at = (i: number): [number, number] => [x.apply(points[i]!.x), y.apply(points[i]!.y)];
    return {
      svg,
      count: points.length,
      at,
      find: (px, py) => nearest(points.length, at, px, py, 40),
      describe: (i) => [
        element('strong', {}, styles[points[i]!.at]!.name),
        element('div', {}, `false accepts: ${percent(points[i]!.x)}`),
        element('div', {}, `true accepts: ${percent(points[i]!.y)}`),
      ],
    };
  };
  return element(
    'div',
    {},
    key(views.map((view, at) => ({ ...styles[at]!, name: `${styles[at]!.name}: ${told(view)}` }))),
    chart('ROC curve', draw, 'Arrow keys move along the curves'),
  );
}

/** The thing nearest to a place, if it is near enough. */
export function nearest(
  count: number,
  at: (index: number) => readonly [number, number],
  px: number,
  py: number,
  reach: number,
): number | undefined {
  let [found, best]: [number | undefined, number] = [undefined, reach];
  for (let index = 0; index < count; index++) {
    const [x, y] = at(index);
    const far = Math.hypot(x - px, y - py);
    if (far < best) [found, best] = [index, far];
  }
  return found;
}

/** The ROC curves. */
export function rocSection(roc: ReportData['roc']): HTMLElement {
  const title = 'Same or different?';
  if ('absent' in roc) return section('roc', title, ...remark(roc.absent));
  const how =
    'The ring on each curve is where false accepts and false rejects are equally frequent; the dotted diagonal is chance.';
  return section('roc', title, rocChart(roc), ...remark(`${roc.note} ${how}`));
}
