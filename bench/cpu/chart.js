/** @file The training steps as bars. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { YARDSTICK } from './race.js';

/** An SVG: one panel a workload, one bar a contestant, times over contragrad compiled's on a logarithmic axis. */
export function chart(races) {
  const { document } = parseHTML('<html><body></body></html>');
  const bars = races.flatMap(({ workload, results }) =>
    results
      .filter(({ ratio }) => ratio !== undefined)
      .map(({ name, ratio, quartiles: [low, high] }) => ({ workload, name, ratio, low, high })),
  );
  const svg = Plot.plot({
    document,
    width: 760,
    height: 30 + 18 * (bars.length + 2 * races.length),
    marginLeft: 130,
    marginRight: 110,
    x: {
      type: 'log',
      grid: true,
      nice: true,
      tickFormat: '~g',
      label: `time of a training step / ${YARDSTICK}'s (bars to the left: faster)`,
    },
    y: { label: null, domain: [...new Set(bars.map(({ name }) => name))] },
    fy: { label: null, domain: races.map(({ workload }) => workload) },
    color: { domain: [true, false], range: ['#0b7285', '#adb5bd'] },
    marks: [
      Plot.barX(bars, {
        fy: 'workload',
        y: 'name',
        x1: () => 1,
        x2: 'ratio',
        fill: ({ name }) => name.startsWith('contragrad'),
      }),
      Plot.ruleY(bars, { fy: 'workload', y: 'name', x1: 'low', x2: 'high' }),
      Plot.ruleX([1]),
    ],
  });
  svg.setAttribute('style', 'background: white; color: black');
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return `${svg.outerHTML}\n`;
}
