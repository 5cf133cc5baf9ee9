/** @file Writes docs/conventions.md from the conventions and the docstrings beside them; run it after a build. */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { conventions } from '../dist/losses/index.js';

const source = ts.createSourceFile(
  'conventions.ts',
  readFileSync('src/losses/conventions.ts', 'utf8'),
  ts.ScriptTarget.ES2022,
  true,
);
const contract = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === 'Conventions');

/** A docstring in one line. */
const textOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
    .replace(/\s+/g, ' ')
    .trim();

const lines = [
  '# Conventions',
  '',
  'What papers and libraries mean by a loss, as options to spread: `contrastiveLoss(a, b, labels, { margin: 2, ...conventions.contrastive.keras })`.',
  'Each holds only what differs from the defaults here. This page is written by `node scripts/conventions.js`.',
];
for (const group of contract.members) {
  const name = group.name.getText();
  lines.push('', `## ${name}`, '', textOf(group), '', '| convention | options | source |', '| --- | --- | --- |');
  for (const member of group.type.members) {
    const convention = member.name.getText();
    const options = Object.entries(conventions[name][convention]).map(
      ([key, value]) => `${key}: ${JSON.stringify(value)}`,
    );
    lines.push(
      `| \`${convention}\` | ${options.length ? `\`${options.join(', ')}\`` : 'the defaults'} | ${textOf(member)} |`,
    );
  }
}
writeFileSync(process.argv[2] ?? 'docs/conventions.md', `${lines.join('\n')}\n`);
