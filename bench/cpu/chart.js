/** @file The training steps as bars. */
import { YARDSTICK } from './race.js';

const [WIDTH, LEFT, RIGHT, TOP, ROW] = [336, 138, 42, 26, 18];
const LABELLED = [1, 10, 100];

/** Three digits, without an exponent. */
export const short = (value) => (value < 100 ? value.toPrecision(3) : value.toFixed(0));

/** A panel: one bar a contestant, from 1 to its time over contragrad compiled's; on all panels' logarithmic axis. */
function panel({ workload, results }, [low, high]) {
  const raced = results.filter(({ ratio }) => ratio !== undefined);
  const bottom = TOP + raced.length * ROW;
  const x = (ratio) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(ratio / low)) / Math.log(high / low);
  const at = (ratio) => x(ratio).toFixed(1);
  const text = (left, top, anchor, content) => `<text x="${left}" y="${top}" text-anchor="${anchor}">${content}</text>`;
  const rows = raced.map(({ name, ratio, quartiles }, row) => {
    const middle = TOP + (row + 0.5) * ROW;
    const [from, to] = [Math.min(ratio, 1), Math.max(ratio, 1)];
    const kind = name.startsWith('contragrad') ? 'ours' : 'theirs';
    const bar = `<rect class="${kind}" x="${at(from)}" y="${middle - 6}" width="${(x(to) - x(from)).toFixed(1)}" height="12" />`;
    const dot = `<circle class="${kind}" cx="${at(1)}" cy="${middle}" r="5" />`;
    const [start, end] = quartiles.map(at);
    return [
      text(LEFT - 8, middle + 4, 'end', name),
      name === YARDSTICK
        ? dot
        : `${bar}<line class="spread" x1="${start}" x2="${end}" y1="${middle}" y2="${middle}" />`,
      text(WIDTH - 2, middle + 4, 'end', short(ratio)),
    ].join('');
  });
  const ticks = LABELLED.map(
    (tick) =>
      `<line class="${tick === 1 ? 'one' : 'grid'}" x1="${at(tick)}" x2="${at(tick)}" y1="${TOP}" y2="${bottom + 3}" />` +
      text(at(tick), bottom + 16, 'middle', tick),
  );
  const said = raced.map(({ name, ratio }) => `${name} ${short(ratio)}`).join(', ');
  return [
    `<svg viewBox="0 0 ${WIDTH} ${bottom + 36}" width="${WIDTH}" height="${bottom + 36}" role="img" aria-label="${workload}: ${said}">`,
    `<text class="title" x="0" y="14">${workload}</text>`,
    ...ticks,
    ...rows,
    text((x(1) - 6).toFixed(1), bottom + 31, 'end', '← faster'),
    text((x(1) + 6).toFixed(1), bottom + 31, 'start', 'slower →'),
    '</svg>',
  ];
}

/** Markup to stand in a page: its style is the page's, and each panel has a text that says what it shows. */
export function chart(races) {
  const ends = races.flatMap(({ results }) => results.flatMap(({ quartiles = [] }) => quartiles));
  const axis = [Math.min(...ends) / 1.2, Math.max(...ends) * 1.2];
  return [
    '<div class="steps-chart">',
    '<p><span class="ours"></span> contragrad <span class="theirs"></span> the others</p>',
    ...races.flatMap((race) => panel(race, axis)),
    '</div>',
  ];
}
