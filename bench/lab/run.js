/**
 * @file How long the lab's scripts take for each move of a drag, from the event to the end of Vue's updates, with 32
 * points. Prints median, 95th percentile and maximum for every loss, with all pairs, and side by side.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const file = resolve(import.meta.dirname, '../../docs/.vitepress/dist/loss-lab.html');
if (!existsSync(file)) throw new Error(`bench:lab: needs the built site, got no ${file}; run npm run docs first`);

const MOVES = 300;
const losses = ['contrastive', 'triplet', 'infoNCE', 'mutualInformation'];
const each = (value) => Object.fromEntries(losses.map((loss) => [loss, value]));
const address = (change) => {
  const points = Array.from({ length: 32 }, (_, i) => {
    const angle = 2.4 * (i >> 1) + 0.3 * (i % 2);
    const radius = 0.3 + (i >> 1) / 16;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  const state = { points, loss: 'contrastive', options: {}, sideBySide: false, selected: 7, partner: 6 };
  return Buffer.from(JSON.stringify({ ...state, allPairs: false, scales: each(5), rate: 0.5, ...change })).toString(
    'base64url',
  );
};

/** Notes the time from before the first to after the last listener, and after the promises that these left. */
const timeMoves = `
  const times = [];
  let start = 0;
  addEventListener('pointermove', () => { start = performance.now(); }, true);
  addEventListener('pointermove', () => {
    Promise.resolve().then(() => {}).then(() => times.push(performance.now() - start));
  });
  window.times = times;`;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
});

async function measured(name, change) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${pathToFileURL(file)}#${address(change)}`);
  await page.evaluate(timeMoves);
  const box = await page.locator('[data-point="7"]').first().boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const before = await page.locator('[data-point="7"]').first().getAttribute('data-at');
  await page.mouse.move(x, y);
  await page.mouse.down();
  for (let i = 1; i <= MOVES; i++) await page.mouse.move(x + 60 * Math.sin(i / 20), y + 60 * Math.sin(i / 31));
  await page.mouse.up();
  if ((await page.locator('[data-point="7"]').first().getAttribute('data-at')) === before) {
    throw new Error(`bench:lab: ${name}: the point did not move`);
  }
  // The first moves are compiled while they run.
  const times = (await page.evaluate('window.times')).slice(30).sort((p, q) => p - q);
  const at = (share) => times[Math.min(Math.floor(share * times.length), times.length - 1)].toFixed(1).padStart(6);
  console.log(`${name.padEnd(28)}${at(0.5)} ${at(0.95)} ${at(1)} ms   (${times.length} moves)`);
  await page.close();
}

console.log(`${''.padEnd(28)}median   p95    max`);
for (const loss of losses) await measured(loss, { loss });
await measured('contrastive, all pairs', { allPairs: true });
await measured('side by side', { sideBySide: true });
await browser.close();
