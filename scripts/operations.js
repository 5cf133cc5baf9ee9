/** @file Writes docs/operations.md from the rules themselves; run it after a build. */
import { writeFileSync } from 'node:fs';
import { cpu } from '../dist/devices/cpu/index.js';
import { gpu } from '../dist/devices/gpu/index.js';
import * as ops from '../dist/ops/index.js';

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
  '# Operations',
  '',
  'Every operation that has a rule of its own; all others are composed of these. Here $x$, $a$ and $b$ are inputs, $y$ or $c$ is the result,',
  String.raw`$\bar x$ is the gradient of the loss with respect to $x$, and $\bar x \mathrel{+}= \ldots$ is what a backward pass adds to it. $[x > 0]$ is 1 where the condition holds,`,
  'else 0. A dash stands for an input that no gradient flows to. What broadcasting stretched is summed back centrally, and appears in no rule.',
  '',
  `Each runs on every device: \`cpu\` holds ${types(cpu)}; all modes of \`gpu\` hold ${types(onGpu)}.`,
  'This page is written from the rules by `node scripts/operations.js`.',
];
await onGpu.destroy();
for (const [title, file] of Object.entries(files)) {
  lines.push('', `## ${title}`, '', '| operation | formula | what the gradients gain |', '| --- | --- | --- |');
  for (const [name, op] of Object.entries(await import(file))) {
    if (!name.endsWith('Op')) continue;
    const { rule } = op;
    const gains = [rule.localDerivative].flat().map((gain) => (gain === '0' ? '—' : formula(gain)));
    lines.push(`| ${named(rule.name)} | ${formula(rule.formula)} | ${gains.join('<br>')} |`);
  }
}
writeFileSync(process.argv[2] ?? 'docs/operations.md', `${lines.join('\n')}\n`);
