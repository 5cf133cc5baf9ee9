/**
 * @file Joins the files of each entry and of the command for Node, which takes half a millisecond to load each file. Bundlers for pages go on to see the single files,
 * of which they leave out what is not used. The entries share their chunks, so that there is one Tensor class.
 */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { bin, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(exports).flatMap((conditions) => conditions.default ?? []);
const commands = Object.values(bin).map((path) => path.replace('/node/', '/'));

await build({
  entryPoints: [...entries, ...commands],
  outbase: 'dist',
  outdir: 'dist/node',
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
});
