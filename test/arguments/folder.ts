/** @file The files that calls of the table read, in a folder of their own, which is the working directory meanwhile. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import type { Generator, nn, optim } from '../../src/index.js';
import type { CheckpointParts, RunConfig } from '../../src/io/index.js';
import { LIBRARY } from './library.js';
import { NAMES } from './names.js';

/** Those of the {@link NAMES} that files are made of. */
interface Values extends Required<CheckpointParts> {
  readonly table: string;
  readonly npy: Uint8Array;
  readonly png: Uint8Array;
  readonly tensorsFile: Uint8Array;
  readonly layer: nn.Module;
  readonly adam: optim.Optimizer;
  readonly generator: Generator;
  readonly planned: nn.Module;
  readonly config: RunConfig;
}

/** The values of {@link NAMES}. */
function values(): Values {
  const lines = Object.entries(NAMES).map(([name, value]) => `const ${name} = ${value};`);
  const source = `const { ${Object.keys(LIBRARY).join(', ')} } = library; ${lines.join('\n')}`;
  const { code } = transformSync(source, { loader: 'ts', target: 'es2022' });
  return new Function('library', `${code}; return { ${Object.keys(NAMES).join(', ')} };`)(LIBRARY);
}

/** Runs a callback with the files around it, and nothing printed. */
export async function inFolder<Result>(callback: () => Promise<Result>): Promise<Result> {
  const [before, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), 'contragrad-arguments-'))];
  const { log, warn, error, info, debug } = console;
  const silent = (): void => {};
  process.chdir(folder);
  Object.assign(console, { log: silent, warn: silent, error: silent, info: silent, debug: silent });
  try {
    await writeFiles();
    return await callback();
  } finally {
    Object.assign(console, { log, warn, error, info, debug });
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeFiles(): Promise<void> {
  const { table, npy, png, tensorsFile, layer, adam, schedule, generator, planned, config } = values();
  const { io } = LIBRARY as { io: typeof import('../../src/io/index.js') };
  for (const path of ['pictures', 'pictures/one', 'pictures/two', 'run']) mkdirSync(path);
  const files = { 'table.csv': table, 'array.npy': npy, 'picture.png': png, weights: tensorsFile };
  for (const [path, bytes] of Object.entries(files)) writeFileSync(path, bytes);
  for (const path of ['pictures/one/a.png', 'pictures/two/b.png']) writeFileSync(path, png);
  await io.saveCheckpoint('checkpoint', { model: layer, optimizer: adam, schedule, generators: { data: generator } });
  writeFileSync('run/config.json', io.serializeRunConfig(config));
  await io.writeSafetensors('run/model.safetensors', planned.stateDict());
}
