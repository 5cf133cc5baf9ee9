/** @file The results as text: ratios first, and no time without one. */
import { YARDSTICK } from './race.js';

/** Three digits, without an exponent. */
export const short = (value) => (value < 100 ? value.toPrecision(3) : value.toFixed(0));

function line(name, width, ratio, rest) {
  const figure = ratio === undefined ? '-  ' : `${short(ratio)} x`;
  console.log(`  ${name.padEnd(width)}${figure.padStart(12)}  ${rest}`);
}

/** One workload. */
export function printRace({ workload, losses, results }) {
  const agreed = losses && `: loss ${losses.first.toFixed(5)}, after 20 steps ${losses.trained.toFixed(5)}`;
  console.log(`\n${workload}${agreed ?? ''}; times / ${YARDSTICK}'s, quartiles`);
  for (const { name, refusal, ratio, quartiles, microseconds, rounds, executor, gradientApart } of results) {
    const notes = refusal ?? [
      quartiles.map(short).join(' to '),
      `${short(microseconds)} us`,
      `${rounds} rounds`,
      ...(executor ? [executor] : []),
      ...(gradientApart === undefined ? [] : [`first gradient off by ${short(100 * gradientApart)} %`]),
    ];
    line(name, 20, ratio, [notes].flat().join(', '));
  }
}

/** All that started. */
export function printStartUps(startUps) {
  if (startUps.length > 0) console.log('\nfrom import to the first gradient, beyond an empty script');
  for (const { name, refusal, ratio, milliseconds } of startUps) {
    line(name, 52, ratio, refusal ?? `${milliseconds.toFixed(0)} ms`);
  }
}

/** All sizes. */
export function printBundles(bundles) {
  if (bundles.length > 0) console.log('\nminified and gzip');
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  for (const { name, ratio, minified, gzip, binaryGzip } of bundles) {
    const binary = binaryGzip === undefined ? '' : ` and ${kilobytes(binaryGzip)} of WebAssembly`;
    line(name, 52, ratio, `${kilobytes(gzip)}${binary} (${kilobytes(minified)} before gzip)`);
  }
}
