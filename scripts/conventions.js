/** @file Writes docs/conventions.md from the conventions and the docstrings beside them; run it after a build. */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import * as losses from '../dist/losses/index.js';
import { conventions } from '../dist/losses/index.js';

const source = ts.createSourceFile(
  'conventions.ts',
  readFileSync('src/losses/conventions.ts', 'utf8'),
  ts.ScriptTarget.ES2022,
  true,
);
const contract = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'Conventions');

/** A name may be broken where it has a dot, or where its words join; an option stays in one line. */
const breakable = (name) => name.replace(/(?<=\.)|(?<=[a-z])(?=[A-Z])/g, '<wbr>');

/** A docstring in one line, its functions linked. */
const textOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/`([^`]+)`/g, (_, name) => {
      const code = `<code>${breakable(name)}</code>`;
      return name in losses ? `[${code}](./api/contragrad/functions/${name}.md)` : code;
    });

/** As one would write it. */
const written = (value) =>
  typeof value === 'number' && value < 1e-4 ? value.toExponential() : JSON.stringify(value).replaceAll('"', "'");

const lines = [
  '---',
  'pageClass: conventions',
  '---',
  '',
  '# Conventions',
  '',
  'What papers and libraries mean by a loss, as options to spread:',
  '',
  '```js',
  'const options = { margin: 2, ...conventions.contrastive.keras };',
  'contrastiveLoss(a, b, labels, options);',
  '```',
  '',
  'Each holds only what differs from the defaults here. Those whose name begins with `article` belong to one overview that has been copied into many projects: its formula,',
  'the PyTorch code beside it, and its TensorFlow code for siamese networks. [Published code, repaired](./published-code.md) tells them apart. This page is written by',
  '`node scripts/conventions.js`.',
];
for (const group of contract.members) {
  const name = group.name.getText();
  lines.push('', `## ${name}`, '', textOf(group), '', '| convention | options | meaning |', '| --- | --- | --- |');
  for (const member of group.type.members) {
    const convention = member.name.getText();
    const options = Object.entries(conventions[name][convention]).map(
      ([key, value]) => `\`${key}: ${written(value)}\``,
    );
    lines.push(
      `| <code>${breakable(convention)}</code> | ${options.length ? options.join('<br>') : 'no option'} | ${textOf(member)} |`,
    );
  }
}
writeFileSync(process.argv[2] ?? 'docs/conventions.md', `${lines.join('\n')}\n`);
