/** @file Writes docs/benchmarks.md from what `npm run bench` measured last, and puts its chart beside the page's other pictures. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

const { date, machine, versions, absent, races, startUps, bundles } = JSON.parse(
  readFileSync('bench/cpu/results.json', 'utf8'),
);
const short = (value) => (value < 100 ? value.toPrecision(3) : value.toFixed(0));

/** One column a workload, one row a contestant, the times as multiples. */
function table(chosen) {
  const names = [...new Set(chosen.flatMap(({ results }) => results.map(({ name }) => name)))];
  const cell = (name, { results }) => {
    const { ratio, quartiles } = results.find((result) => result.name === name) ?? {};
    return ratio === undefined ? '–' : `${short(ratio)} (${quartiles.map(short).join('–')})`;
  };
  return [
    `| contestant | ${chosen.map(({ workload }) => workload).join(' | ')} |`,
    `| --- | ${chosen.map(() => '---:').join(' | ')} |`,
    ...names.map((name) => `| ${name} | ${chosen.map((one) => cell(name, one)).join(' | ')} |`),
  ];
}

const steps = races.filter(({ losses }) => losses !== undefined);
const others = races.filter((race) => !steps.includes(race));
const products = others.filter(({ workload }) => workload.startsWith('matmul'));
const losses = others.filter((race) => !products.includes(race));
const kinds = (chosen) => [...new Set(chosen.map(({ workload }) => workload.split(' ')[0]))];
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
const section = (title, rows, lines) => (rows.length === 0 ? [] : ['', `## ${title}`, '', ...lines]);

const lines = [
  '# Benchmarks',
  '',
  'How long training steps, matrix products and losses take, as multiples of what contragrad takes with `compile`: medians, with quartiles in brackets.',
  'All contestants take turns in one run, on one thread, after it was checked that they compute the same losses. `npm run bench` repeats it on your machine, and this page is',
  'written from what it measured. Only the ratios mean anything elsewhere.',
  '',
  `Measured on ${date}, ${machine.cpu}; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`,
  ...absent.map(({ name, refusal }) => `${name} did not start: ${refusal}.`),
  ...section('A training step', steps, [
    'S is an encoder of 2-16-2 units with batches of 32, M 64-128-32 with 64, L 784-256-64 with 256; each step embeds two batches, goes back and lets Adam update.',
    '',
    '![Bars of the ratios, on a logarithmic axis](/steps.svg)',
    '',
    ...table(steps),
    '',
    'js-pytorch computes wrong gradients of InfoNCE; it is listed with the time that this takes.',
  ]),
  ...section('Matrix products', products, table(products)),
  ...section('A loss and its gradients alone', losses, [
    'Rows of 32 numbers; the heads of the columns are how many there are.',
    ...kinds(losses).flatMap((kind) => [
      '',
      ...table(losses.filter(({ workload }) => workload.startsWith(`${kind} `))),
    ]),
  ]),
  ...section('From import to the first gradient', startUps, [
    '| contestant | ratio |',
    '| --- | ---: |',
    ...startUps.map(({ name, ratio, refusal }) => `| ${name} | ${refusal ?? short(ratio)} |`),
  ]),
  ...section('Sizes, minified and gzipped', bundles, [
    '| bundle | scripts | WebAssembly beside them |',
    '| --- | ---: | ---: |',
    ...bundles.map(({ name, gzip, binaryGzip }) => {
      return `| ${name} | ${kilobytes(gzip)} | ${binaryGzip === undefined ? '–' : kilobytes(binaryGzip)} |`;
    }),
  ]),
];
writeFileSync(process.argv[2] ?? 'docs/benchmarks.md', `${lines.join('\n')}\n`);
if (process.argv[2] === undefined) copyFileSync('bench/cpu/steps.svg', 'docs/public/steps.svg');
