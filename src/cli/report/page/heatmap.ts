/** @file How near every sample is to every other. */
import { axisX, axisY, legend, plot, raster, ruleX, ruleY } from '@observablehq/plot';
import type { Heatmap } from '../data.js';
import { chart, type Drawing, LOOK } from './chart.js';
import type { Classes } from './classes.js';
import { drawn, element, remark, section } from './element.js';
import { bytesIn, digits } from './numbers.js';
import { shortened } from './scatter.js';

interface Run {
  readonly label: number;
  readonly start: number;
  readonly end: number;
}

/** Stretches of samples of one class. */
function runsOf({ samples }: Heatmap): Run[] {
  const starts = samples.flatMap(({ label }, at) => (at === 0 || samples[at - 1]!.label !== label ? [at] : []));
  return starts.map((start, i) => ({ label: samples[start]!.label, start, end: starts[i + 1] ?? samples.length }));
}

/** The matrix of similarities or distances. */
export function heatmapSection(heatmap: Heatmap | { readonly absent: string }, classes: Classes): HTMLElement {
  const title = 'Who is near whom';
  if ('absent' in heatmap) return section('heatmap', title, ...remark(heatmap.absent));
  const { samples, measure, least, most } = heatmap;
  const n = samples.length;
  const cells = Array.from(bytesIn(heatmap.bytes), (byte) => least + ((most - least) * byte) / 255);
  const runs = runsOf(heatmap);
  const borders = runs.slice(1).map(({ start }) => start);

  const draw = (width: number): Drawing => {
    const side = Math.min(width, 560);
    const longest = Math.max(...runs.map(({ label }) => Math.min(10, classes.nameOf(label).length)));
    const top = 8;
    const canName = ({ start, end }: Run): boolean => runs[0]!.label >= 0 && ((end - start) * (side - 100)) / n >= 13;
    const named = runs.filter(canName);
    const left = named.length > 0 ? 14 + 7 * longest : 24;
    const bottom = named.length > 0 ? 44 : 24;
    const size = side - left - 8;
    const ends = ['--near', '--middle', '--far'].map((name) =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim(),
    );
    const color = {
      type: 'linear',
      domain: most > least ? [least, most] : [least, least + 1],
      range: measure === 'distance' ? ends : [...ends].reverse(),
      label: measure,
    } as const;
    const ticks = { tickSize: 0, tickPadding: 5, ticks: named.map(({ start, end }) => (start + end) / 2) };
    const nameAt =
      (most: number) =>
      (at: number): string => {
        const run = runs.find(({ start, end }) => at > start && at < end);
        return run === undefined ? '' : shortened(classes.nameOf(run.label), most);
      };
    const line = { stroke: 'var(--panel)', strokeWidth: borders.length > 20 ? 0.5 : 1 };
    const svg = plot({
      ...LOOK,
      width: side,
      height: size + top + bottom,
      marginLeft: left,
      marginRight: 8,
      marginTop: top,
      marginBottom: bottom,
      x: { domain: [0, n], label: null },
      y: { domain: [n, 0], label: null, reverse: false },
      color,
      marks: [
        raster(cells, { width: n, height: n, x1: 0, y1: 0, x2: n, y2: n, imageRendering: 'pixelated' }),
        ruleX(borders, line),
        ruleY(borders, line),
        axisY({ ...ticks, tickFormat: nameAt(10) }),
        axisX({ ...ticks, tickFormat: nameAt(Math.max(1, Math.floor(size / runs.length / 8))) }),
      ],
    } as Parameters<typeof plot>[0]) as SVGSVGElement;
    svg.append(
      drawn(
        'text',
        { x: left + size / 2, y: size + top + bottom - 6, class: 'axis-title' },
        runs[0]!.label < 0 ? 'samples' : 'samples, sorted by class',
      ),
    );
    const key = legend({ color: { ...color }, width: Math.min(240, size), label: measure } as Parameters<
      typeof legend
    >[0]);
    legendPlace.replaceChildren(key);
    return {
      svg,
      count: n * n,
      at: (i) => [left + (((i % n) + 0.5) * size) / n, top + ((Math.floor(i / n) + 0.5) * size) / n],
      find: (px, py) => {
        const [column, row] = [Math.floor(((px - left) * n) / size), Math.floor(((py - top) * n) / size)];
        return column >= 0 && row >= 0 && column < n && row < n ? row * n + column : undefined;
      },
      step: (i, right, down) =>
        Math.max(0, Math.min(n - 1, (i % n) + right)) + n * Math.max(0, Math.min(n - 1, Math.floor(i / n) + down)),
      describe: (i) => [
        element('strong', {}, `${measure} ${digits(cells[i], 2)}`),
        ...[Math.floor(i / n), i % n].map((at) => {
          const { name, label } = samples[at]!;
          return element('div', {}, label < 0 ? name : `${name} (${classes.nameOf(label)})`);
        }),
      ],
    };
  };
  const legendPlace = element('div', { class: 'ramp' });
  return section(
    'heatmap',
    title,
    legendPlace,
    chart(`${measure} of ${n} samples to each other`, draw, 'Arrow keys move from cell to cell'),
    ...remark(heatmap.note),
  );
}
