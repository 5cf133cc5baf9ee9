/** @file The ROC curve. */
import { dot, gridX, gridY, line, plot, text } from '@observablehq/plot';
import type { ReportData, Roc, RocView } from '../data.js';
import { chart, type Drawing, keyOf, LOOK, nearest, type Scaled } from './chart.js';
import { element, remark, section } from './element.js';
import { percent } from './numbers.js';

const told = ({ area, equalError }: RocView): string => `area ${area.toFixed(4)}, equal error ${percent(equalError)}`;

function rocChart({ encoder, raw }: Roc): HTMLElement {
  const views = [encoder, ...(raw === undefined ? [] : [raw])];
  const styles = [
    { color: 'var(--line-1)', dash: '', name: 'encoder' },
    { color: 'var(--line-2)', dash: '6 3', name: 'raw features' },
  ];
  const points = views.flatMap((view, at) => view.falseAccepts.map((x, i) => ({ x, y: view.trueAccepts[i]!, at })));
  // Names that would overlap are left to the key.
  const apart = raw === undefined || Math.abs(raw.equalError - encoder.equalError) > 0.07;
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
        text(apart ? views : [encoder], {
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
    }) as Scaled;
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
    keyOf(views.map((view, at) => ({ ...styles[at]!, name: `${styles[at]!.name}: ${told(view)}` }))),
    chart('ROC curve', draw, 'Arrow keys move along the curves'),
  );
}

/** The ROC curves. */
export function rocSection(roc: ReportData['roc']): HTMLElement {
  const title = 'Same or different?';
  if ('absent' in roc) return section('roc', title, ...remark(roc.absent));
  const how =
    'The ring on each curve is where false accepts and false rejects are equally frequent; the dotted diagonal is chance.';
  return section('roc', title, rocChart(roc), ...remark(`${roc.note} ${how}`));
}
