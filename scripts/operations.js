/** @file Writes docs/operations.md from the rules themselves; run it after a build. */
import { writeFileSync } from 'node:fs';
import { cpu } from '../dist/devices/cpu/index.js';
import { gpu } from '../dist/devices/gpu/index.js';
import * as ops from '../dist/ops/index.js';

/** What the letters of a table mean where the introduction does not say it. */
const letters = {
  Layout: [
    'In `pad` and `slice` $s$ is where an axis starts and $t$ the step along it; $\\pi$ is the order of the axes, and $\\pi^{-1}$ undoes it.',
  ],
  Comparison: [
    '`cast` passes a gradient between float types only: it ends at `int32`. In `where` $c$ is the condition, and $y$ the result. Where two elements tie, `maximum` and `minimum`',
    'give each half of the gradient.',
  ],
  Reduction: [
    String.raw`$m$ is a mask of zeros and ones, all ones unless one is given; $\langle \bar y, y \rangle$ is the inner product along the axis, $\sum_j \bar y_j y_j$.`,
  ],
  Activation: ['$\\sigma$ is the logistic function, the formula of `sigmoid`.'],
  Indexing: ['$k$ holds the indices, which have no gradient.'],
  Windows: [
    '$c$ is a channel, $p$ and $q$ count the windows down and across, $i$ and $j$ the rows and columns within one, and $s$ is the stride from one window to the next;',
    'padding is left out of the formulas.',
  ],
};

/** The files that hold rules, by what their tables are called. */
const files = {
  'What the engine itself needs': '../dist/autograd/linear.js',
  Layout: '../dist/ops/layout.js',
  Arithmetic: '../dist/ops/arithmetic.js',
  Comparison: '../dist/ops/comparison.js',
  'Exponentials, powers, roots': '../dist/ops/transcendental.js',
  Reduction: '../dist/ops/reduce.js',
  'Matrix product': '../dist/ops/matmul.js',
  Activation: '../dist/ops/activation.js',
  Indexing: '../dist/ops/indexing.js',
  Windows: '../dist/ops/windows.js',
  Distance: '../dist/ops/distance.js',
};

/** TeX in a cell of a table, where a bar would end the cell. */
const formula = (tex) => `$${tex.replaceAll('|', String.raw`\|`)}$`;
const named = (name) => (name in ops ? `[\`${name}\`](./api/contragrad/functions/${name}.md)` : `\`${name}\``);
const types = (device) => device.dtypes.map((dtype) => `\`${dtype}\``).join(', ');

const onGpu = await gpu({ mode: 'webasm' });
const lines = [
  '---',
  'pageClass: operations',
  '---',
  '',
  '# Operations',
  '',
  'Every operation that has a rule of its own; all others are composed of these. Here $x$, $a$ and $b$ are inputs, $y$ or $c$ is the result (capitals where they are matrices),',
  String.raw`$\bar x$ is the gradient of the loss with respect to $x$, and $\bar x \mathrel{+}= \ldots$ is what a backward pass adds to it. $[x > 0]$ is 1 where the condition holds,`,
  String.raw`else 0. $\odot$ multiplies and $\oslash$ divides element by element; indices such as $i$ and $j$ count along axes. A dash stands for an`,
  'input that no gradient flows to. What broadcasting stretched is summed back centrally, and appears in no rule.',
  '',
  `Each runs on every device: \`cpu\` holds ${types(cpu)}; all modes of \`gpu\` hold ${types(onGpu)}.`,
  'This page is written from the rules by `node scripts/operations.js`.',
];
await onGpu.destroy();
for (const [title, file] of Object.entries(files)) {
  lines.push('', `## ${title}`, '');
  if (title in letters) lines.push(...letters[title], '');
  lines.push('| operation | formula | what the gradients gain |', '| --- | --- | --- |');
  const rules = Object.entries(await import(file)).flatMap(([name, op]) => (name.endsWith('Op') ? [op.rule] : []));
  for (const rule of rules.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const gains = [rule.localDerivative].flat().map((gain) => (gain === '0' ? '—' : formula(gain)));
    lines.push(`| ${named(rule.name)} | ${formula(rule.formula)} | ${gains.join('<br>')} |`);
  }
}
writeFileSync(process.argv[2] ?? 'docs/operations.md', `${lines.join('\n')}\n`);
