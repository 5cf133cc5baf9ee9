/**
 * @file Lets the built modules stand alone. What the entries use of other packages comes along, as one module for each, with its licence: a page without a bundler
 * finds no package by its name, and some bundlers find none that has only `exports`. Declarations ask for the types of optional packages without insisting.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/** What is used of each package; what only the command needs is installed with it. */
const USED = {
  '@dagrejs/dagre': '{ graphlib, layout }',
  chalk: '{ Chalk }',
  'fast-png': '{ decode }',
  'jpeg-js': '{ decode }',
  papaparse: '{ default }',
};
const OPTIONAL = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).peerDependencies);

/** papaparse has a part for the streams of Node that is reached there alone. */
const withoutStreams = {
  name: 'without streams',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^stream$/ }, ({ path }) => ({ path, namespace: 'nothing' }));
    onLoad({ filter: /./, namespace: 'nothing' }, () => ({ contents: '' }));
  },
};

const moduleOf = (name) => `dist/foreign/${name.replace(/.*\//, '')}.js`;

/** The licences of the packages that some files belong to. */
function licencesOf(files) {
  const folders = new Set(files.flatMap((file) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const licences = [...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
    return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
  });
  return `/*!\n${licences.join('\n\n')}\n*/\n`;
}

mkdirSync('dist/foreign', { recursive: true });
for (const [name, used] of Object.entries(USED)) {
  const { metafile, outputFiles } = await build({
    stdin: { contents: `export ${used} from '${name}';`, resolveDir: '.' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    plugins: [withoutStreams],
    // Some bundlers would bring a Buffer along.
    define: { PAPA_BROWSER_CONTEXT: 'true', Buffer: 'globalThis.Buffer' },
    // No file that is minified already.
    mainFields: ['module', 'main'],
    write: false,
    metafile: true,
  });
  writeFileSync(moduleOf(name), licencesOf(Object.keys(metafile.inputs)) + outputFiles[0].text);
}

for (const entry of readdirSync('dist', { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (/^dist\/(node|foreign)\//.test(path)) continue;
  const text = path.endsWith('.js') || path.endsWith('.d.ts') ? readFileSync(path, 'utf8') : '';
  const mended = path.endsWith('.js')
    ? text.replaceAll(/(\bfrom |\bimport\()'([^'.]+)'/g, (whole, before, name) =>
        name in USED ? `${before}'${relative(dirname(path), moduleOf(name))}'` : whole,
      )
    : text.replaceAll(/^import .* from '(.*)';$/gm, (whole, name) =>
        OPTIONAL.includes(name) ? `// @ts-ignore: ${name} need not be installed.\n${whole}` : whole,
      );
  if (mended !== text) writeFileSync(path, mended);
}
