/** @file Writes docs/benchmarks.md, its chart and its tables, from what `npm run bench` measured last. */
import { readFileSync, writeFileSync } from 'node:fs';
import { short } from '../bench/cpu/print.js';
import { YARDSTICK } from '../bench/cpu/race.js';
import { chart } from './chart.js';

const { date, machine, versions, absent, races, startUps, bundles } = JSON.parse(
  readFileSync('bench/cpu/results.json', 'utf8'),
);

/** The yardstick's own quartiles are within this factor where nothing disturbed its turns. */
const STEADY = 1.2;

/** From here on a gradient is another gradient, and not the same one in other digits. */
const WRONG = 1e-3;

const span = (quartiles) => quartiles.map(short).join('–');
const resultOf = ({ results }, wanted) => results.find(({ name }) => name === wanted) ?? {};
const percent = (share) => `${(100 * share).toFixed(0)}\u00a0%`;
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)}\u00a0kB`;
const section = (title, rows, lines) => (rows.length === 0 ? [] : ['', `## ${title}`, '', ...lines]);

/** One column a workload, one row a contestant, the times as multiples. */
function table(chosen, headOf) {
  const names = [...new Set(chosen.flatMap(({ results }) => results.map(({ name }) => name)))];
  const cell = ({ ratio, quartiles }) =>
    ratio === undefined ? '–' : `${short(ratio)}<br><small>${span(quartiles)}</small>`;
  return [
    '',
    `| contestant | ${chosen.map(headOf).join(' | ')} |`,
    `| --- | ${chosen.map(() => '---:').join(' | ')} |`,
    ...names.map((name) => `| ${name} | ${chosen.map((one) => cell(resultOf(one, name))).join(' | ')} |`),
  ];
}

/** Which columns of a table are rougher than they look. */
function unsteady(chosen, headOf) {
  return chosen.flatMap((one) => {
    const { quartiles } = resultOf(one, YARDSTICK);
    if (quartiles[1] / quartiles[0] < STEADY) return [];
    return [
      '',
      `At ${headOf(one)} the turns of ${YARDSTICK} itself took unequal times (${span(quartiles)}): that column is rougher than the others.`,
    ];
  });
}

const first = ({ workload }) => workload.split(' ')[0];
const last = ({ workload }) => workload.split(' ')[1];
const kinds = (chosen, nameOf) => [...new Set(chosen.map(nameOf))];

const steps = races.filter(({ losses }) => losses !== undefined);
const products = races.filter((race) => first(race) === 'matmul');
const losses = races.filter((race) => !steps.includes(race) && !products.includes(race));
const strays = steps.filter((race) => resultOf(race, 'js-pytorch').gradientApart > WRONG);
const refused = products.flatMap(({ results }) => results.filter(({ refusal }) => refusal !== undefined));

/** A loss by its function. */
const lossNamed = (name) => `[\`${name}Loss\`](./api/contragrad/functions/${name}Loss.md)`;

const lines = [
  '---',
  'pageClass: benchmarks',
  '---',
  '',
  '# Benchmarks',
  '',
  'How long training steps, matrix products and losses take, as multiples of what contragrad takes with [`compile`](./guide/compile.md): 2 is twice as long, 0.5 half',
  'as long. Each number is a median, with the quartiles in small print below it. `npm run bench` repeats it on your machine, and this page is written from what it measured. Only',
  'the ratios mean anything elsewhere.',
  '',
  'All contestants take turns in one run, on one thread. Before a clock starts, all must compute the same losses, at the first step and after 20 of them. "By hand" is',
  'no library: plain loops over typed arrays, with gradients derived on paper.',
  ...(strays.length === 0
    ? []
    : [
        `js-pytorch alone is held to the first loss only, since its gradients of InfoNCE are wrong: the first is off by ${strays
          .map((race) => `${percent(resultOf(race, 'js-pytorch').gradientApart)} (${first(race)})`)
          .join(', ')}. It is listed with the time that this takes.`,
      ]),
  '',
  `Measured on ${date}, ${machine.cpu}; ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.`,
  ...absent.map(({ name, refusal }) => `${name} did not start: ${refusal}.`),
  ...section('A training step', steps, [
    'S is an encoder of 2-16-2 units with batches of 32, M 64-128-32 with 64, L 784-256-64 with 256; each step embeds two batches, goes back and lets Adam update.',
    'Bars start at 1, which is contragrad compiled; to their left is who is faster. The thin line is from quartile to quartile.',
    '',
    ...chart(steps),
    ...kinds(steps, last).flatMap((loss) => {
      const chosen = steps.filter((race) => last(race) === loss);
      return ['', `Steps with ${lossNamed(loss)}:`, ...table(chosen, first), ...unsteady(chosen, first)];
    }),
  ]),
  ...section('Matrix products', products, [
    'Two square matrices of `float32`; the heads of the columns are how many rows each has. Small ones show what a call costs, large ones how fast the loops are.',
    ...(refused.length === 0 ? [] : [`A dash: ${refused[0].name} is ${refused[0].refusal}.`]),
    ...[products.slice(0, products.length / 2), products.slice(products.length / 2)].flatMap((chosen) => [
      ...table(chosen, last),
      ...unsteady(chosen, last),
    ]),
  ]),
  ...section('A loss and its gradients alone', losses, [
    'Rows of 32 numbers; the heads of the columns are how many rows there are.',
    ...kinds(losses, first).flatMap((loss) => {
      const chosen = losses.filter((race) => first(race) === loss);
      return ['', `${lossNamed(loss)}:`, ...table(chosen, last), ...unsteady(chosen, last)];
    }),
  ]),
  ...section('From import to the first gradient', startUps, [
    'A new process imports the engine and computes the gradient of $x^2 + y^2$; what an empty script takes is left out. Medians, without quartiles; contragrad is not compiled',
    'here.',
    '',
    '| contestant | ratio |',
    '| --- | ---: |',
    ...startUps.map(({ name, ratio, refusal }) => `| ${name} | ${refusal ?? short(ratio)} |`),
  ]),
  ...section('Sizes, minified and gzipped', bundles, [
    'What a page must load; a dash where there is no such file.',
    '',
    '| bundle | scripts | WebAssembly beside them |',
    '| --- | ---: | ---: |',
    ...bundles.map(({ name, gzip, binaryGzip }) => {
      return `| ${name} | ${kilobytes(gzip)} | ${binaryGzip === undefined ? '–' : kilobytes(binaryGzip)} |`;
    }),
  ]),
];
writeFileSync(process.argv[2] ?? 'docs/benchmarks.md', `${lines.join('\n')}\n`);
