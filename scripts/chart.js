/** @file The training steps of the benchmark as bars. */
import { barX, dot, plot, ruleX, ruleY, text } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { short } from '../bench/cpu/print.js';
import { YARDSTICK } from '../bench/cpu/race.js';

const isOurs = ({ name }) => name.startsWith('contragrad');
// The page's own colours, by day and by night.
const [OURS, THEIRS, INK, LINE] = ['var(--vp-c-brand-1)', 'var(--steps-theirs)', 'currentColor', 'var(--vp-c-divider)'];

/** A panel: one bar a contestant, from 1 to its time over contragrad compiled's; on all panels' logarithmic axis. */
function panel({ workload, results }, domain) {
  const raced = results
    .filter(({ ratio }) => ratio !== undefined)
    .map(({ name, ratio, quartiles: [low, high] }) => ({ name, ratio, low, high }));
  const others = raced.filter(({ name }) => name !== YARDSTICK);
  const fill = (bar) => (isOurs(bar) ? OURS : THEIRS);
  const svg = plot({
    document: parseHTML('<html><body></body></html>').document,
    className: 'steps',
    width: 336,
    height: 62 + 18 * raced.length,
    marginTop: 26,
    marginLeft: 138,
    marginRight: 42,
    marginBottom: 36,
    ariaLabel: `${workload}: ${raced.map(({ name, ratio }) => `${name} ${short(ratio)}`).join(', ')}`,
    x: {
      type: 'log',
      domain,
      ticks: [1, 10, 100],
      tickFormat: '~g',
      tickSize: 0,
      label: '← faster, slower →',
      labelArrow: 'none',
      labelAnchor: 'center',
    },
    y: { label: null, tickSize: 0, domain: raced.map(({ name }) => name) },
    marks: [
      text([workload], { frameAnchor: 'top-left', dx: -138, dy: -20, fontSize: 14, fontWeight: 600 }),
      ruleX([10, 100], { stroke: LINE }),
      barX(others, { y: 'name', x1: () => 1, x2: 'ratio', fill, insetTop: 2, insetBottom: 2 }),
      ruleY(others, { y: 'name', x1: 'low', x2: 'high', stroke: INK }),
      ruleX([1], { stroke: INK }),
      dot(raced, { filter: ({ name }) => name === YARDSTICK, y: 'name', x: 'ratio', r: 5, fill: OURS }),
      text(raced, { y: 'name', text: ({ ratio }) => short(ratio), frameAnchor: 'right', dx: 40, textAnchor: 'end' }),
    ],
  });
  svg.setAttribute('role', 'img');
  // One picture with one text: its parts have none of their own.
  for (const part of svg.querySelectorAll('[aria-label]')) part.removeAttribute('aria-label');
  // Its sheet is the page's: many of one kind would stand in it.
  svg.querySelector('style')?.remove();
  return svg.outerHTML.replaceAll('\n', ' ');
}

/** Markup to stand in a page: its style is the page's, and each panel has a text that says what it shows. */
export function chart(races) {
  const ends = races.flatMap(({ results }) => results.flatMap(({ quartiles = [] }) => quartiles));
  const domain = [Math.min(...ends) / 1.2, Math.max(...ends) * 1.2];
  return [
    '<div class="steps-chart">',
    '<p><span class="ours"></span> contragrad <span class="theirs"></span> the others</p>',
    ...races.map((race) => panel(race, domain)),
    '</div>',
  ];
}
