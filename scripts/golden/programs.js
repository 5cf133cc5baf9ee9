/** @file Prints the random training programs that PyTorch is to run, as JSON: `scripts/golden/programs.py` reads them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'programs-'));
try {
  const outfile = join(folder, 'programs.mjs');
  await build({ entryPoints: ['test/programs/golden.ts'], bundle: true, format: 'esm', platform: 'node', outfile });
  await import(outfile);
} finally {
  rmSync(folder, { recursive: true });
}
