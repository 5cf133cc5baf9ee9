/** @file The files of this package, from wherever in it a module was built to. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The text of a file, by its path in the package. */
export function packageFile(path: string): string {
  const root = dirname(createRequire(import.meta.url).resolve('contragrad/package.json'));
  return readFileSync(join(root, path), 'utf8');
}
