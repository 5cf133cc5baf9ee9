/** @file The embeddings in the plane. */
import { dot, gridX, gridY, plot } from '@observablehq/plot';
import type { Sample, Scatter } from '../data.js';
import { chart, type Drawing, LOOK, nearest, type Scaled } from './chart.js';
import { type Classes, DIFFERENT, labelsOf } from './classes.js';
import { drawn, element, remark, section } from './element.js';
import { pictureMaker } from './pictures.js';

/** Up to so many classes have a button each, and so many their name in the drawing. */
const BUTTONS = 24;
const NAMES = 12;

interface Placed {
  readonly x: number;
  readonly y: number;
}

/** Where points are drawn: those of one number on a line for each class, with some height to be seen. */
function placed({ points }: Scatter, labels: readonly number[]): Placed[] {
  const lane = new Map(labels.map((label, at) => [label, at]));
  return points.map(({ x, y, label }, i) => ({ x, y: y ?? lane.get(label)! + 0.7 * (((i * 0.618034) % 1) - 0.5) }));
}

/** Domains in which a step to the right is as long as one up. */
function square(points: readonly Placed[], width: number, height: number): [[number, number], [number, number]] {
  const span = (of: keyof Placed): [number, number] => {
    const values = points.map((point) => point[of]);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return [(least + most) / 2, most - least];
  };
  const [[x, wide], [y, high]] = [span('x'), span('y')];
  const scale = (Math.max(wide / width, high / height) || 1 / width) * 1.08;
  const around = (middle: number, size: number): [number, number] => [
    middle - (size * scale) / 2,
    middle + (size * scale) / 2,
  ];
  return [around(x, width), around(y, height)];
}

const middle = (values: number[]): number => values.sort((p, q) => p - q)[values.length >> 1]!;

/** The scatter, with buttons that bring out one class. */
export function scatterSection(scatter: Scatter | { readonly absent: string }, classes: Classes): HTMLElement {
  const title = 'Embeddings';
  if ('absent' in scatter) return section('scatter', title, ...remark(scatter.absent));
  const { points, pictures } = scatter;
  const labels = labelsOf(points);
  const places = placed(scatter, labels);
  const picture = pictures === undefined ? undefined : pictureMaker(pictures);
  const isLine = points[0]!.y === null;
  let dots: Element[] = [];
  let chosen: number | undefined;

  const draw = (width: number): Drawing => {
    const height = isLine ? Math.min(520, 120 + 26 * labels.length) : Math.min(560, Math.max(340, width * 0.75));
    const margins = {
      marginLeft: isLine && labels.length <= BUTTONS ? 84 : 52,
      marginRight: 16,
      marginTop: 28,
      marginBottom: 40,
    };
    const [x, y] = square(places, width - margins.marginLeft - 16, height - 68);
    const named = isLine && labels.length <= BUTTONS && labels[0]! >= 0;
    const svg = plot({
      ...LOOK,
      ...margins,
      width,
      height,
      x: {
        label: scatter.x,
        labelArrow: 'none',
        labelAnchor: 'center',
        ticks: width < 500 ? 5 : 8,
        ...(isLine ? { nice: true } : { domain: x }),
      },
      y: {
        label: isLine && labels[0]! < 0 ? null : scatter.y,
        labelArrow: 'none',
        ...(isLine
          ? {
              domain: [labels.length - 0.5, -0.5],
              ticks: named ? labels.map((_, at) => at) : [],
              tickFormat: (at: number) => shortened(classes.nameOf(labels[at]!), 10),
            }
          : { domain: y, ticks: 6 }),
      },
      marks: [
        gridX({ strokeOpacity: 0.1 }),
        ...(isLine ? [] : [gridY({ strokeOpacity: 0.1 })]),
        dot(places, {
          x: 'x',
          y: 'y',
          r: points.length > 600 ? 3 : 4,
          fill: (_: Placed, i: number) => classes.colorOf(points[i]!.label),
          symbol: (_: Placed, i: number) => classes.shapeOf(points[i]!.label),
          fillOpacity: points.length > 600 ? 0.7 : 0.85,
          stroke: 'var(--panel)',
          strokeWidth: 0.5,
          className: 'points',
        }),
      ],
      color: { type: 'identity' },
      symbol: { type: 'identity' },
    } as Parameters<typeof plot>[0]) as Scaled;
    const scales = [svg.scale('x'), svg.scale('y')] as const;
    const at = (i: number): [number, number] => [scales[0].apply(places[i]!.x), scales[1].apply(places[i]!.y)];
    dots = [...svg.querySelectorAll('[aria-label="dot"] > *')];
    if (!isLine && labels.length > 1 && labels.length <= NAMES) svg.append(namesOf(points, labels, classes, at, width));
    bring(chosen);
    return {
      svg,
      count: points.length,
      at,
      find: (px, py) => nearest(points.length, at, px, py, 24),
      describe: (i) => described(i),
    };
  };

  const described = (i: number): Node[] => {
    const { name, label, text, neighbours } = points[i]!;
    const around = new Map<string, number>();
    for (const other of neighbours) around.set(classes.nameOf(other), (around.get(classes.nameOf(other)) ?? 0) + 1);
    const list = [...around].map(([other, count]) => (count > 1 ? `${count} × ${other}` : other)).join(', ');
    return [
      ...(picture === undefined ? [] : [picture(i, 84, `${name}, enlarged`)]),
      element('strong', {}, name),
      ...(label < 0 ? [] : [element('div', {}, classes.markOf(label), ` ${classes.nameOf(label)}`)]),
      ...(text === undefined ? [] : [element('div', { class: 'features' }, text)]),
      ...(neighbours.length > 0 && neighbours[0]! >= 0
        ? [element('div', { class: 'around' }, `nearest ${neighbours.length}: ${list}`)]
        : []),
    ];
  };

  const bring = (label: number | undefined): void => {
    chosen = label;
    dots.forEach((mark, i) => {
      mark.classList.toggle('faded', label !== undefined && points[i]!.label !== label);
    });
  };

  const note = labels.length > DIFFERENT ? ` Looks repeat after ${DIFFERENT} classes: choose one to bring it out.` : '';
  return section(
    'scatter',
    title,
    ...(labels.length > 1
      ? [labels.length <= BUTTONS ? buttons(labels, classes, bring) : selection(labels, classes, bring)]
      : []),
    chart(`Embeddings of ${points.length} samples`, draw, 'Arrow keys move from sample to sample'),
    ...remark(`${scatter.note}${note}`),
  );
}

/** The names of classes at the middle of their points, moved apart where they would overlap. */
function namesOf(
  points: readonly Sample[],
  labels: readonly number[],
  classes: Classes,
  at: (index: number) => readonly [number, number],
  width: number,
): SVGGElement {
  const taken: { x: number; y: number; half: number }[] = [];
  const names = labels.map((label) => {
    const own = points.flatMap((point, i) => (point.label === label ? [at(i)] : []));
    const name = shortened(classes.nameOf(label), 16);
    const half = 4 * name.length + 4;
    const x = Math.max(56 + half, Math.min(width - 16 - half, middle(own.map(([px]) => px))));
    const from = middle(own.map(([, py]) => py));
    const isFree = (y: number): boolean =>
      taken.every((other) => Math.abs(other.y - y) >= 17 || Math.abs(other.x - x) >= other.half + half);
    const shifts = Array.from({ length: 25 }, (_, i) => (i % 2 === 0 ? 1 : -1) * Math.ceil(i / 2) * 9);
    const y = from + (shifts.find((shift) => isFree(from + shift)) ?? 0);
    taken.push({ x, y, half });
    return drawn('text', { x, y, dy: '0.35em' }, name);
  });
  return drawn('g', { class: 'names', 'aria-hidden': 'true' }, ...names);
}

/** A name that may be long. */
export function shortened(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

type Bring = (label: number | undefined) => void;

function buttons(labels: readonly number[], classes: Classes, bring: Bring): HTMLElement {
  const all = labels.map((label) => {
    const button = element(
      'button',
      { type: 'button', 'aria-pressed': 'false' },
      classes.markOf(label),
      classes.nameOf(label),
    );
    button.addEventListener('click', () => {
      const isOn = button.getAttribute('aria-pressed') !== 'true';
      for (const other of all) other.setAttribute('aria-pressed', String(other === button && isOn));
      bring(isOn ? label : undefined);
    });
    return button;
  });
  return element('div', { class: 'classes', role: 'group', 'aria-label': 'Bring out a class' }, ...all);
}

function selection(labels: readonly number[], classes: Classes, bring: Bring): HTMLElement {
  const choice = element('select', {}, element('option', { value: '' }, `all ${labels.length} classes`));
  for (const label of labels) choice.append(element('option', { value: String(label) }, classes.nameOf(label)));
  choice.addEventListener('change', () => bring(choice.value === '' ? undefined : Number(choice.value)));
  return element('label', { class: 'choice' }, 'Bring out ', choice);
}
