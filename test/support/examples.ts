/** @file Finds the examples in documents and docstrings, and runs them as a reader would. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { transform } from 'esbuild';
import { inTurn } from './pool.js';

/** One block of TypeScript, and what it is said to print. */
export interface Example {
  readonly from: string;
  readonly code: string;
  readonly expected: string;
}

/** What a block says that it prints: a `text` block after it, else the comments behind its console.log calls. */
function promised(code: string, after: string): string {
  const block = /^\s*```text\n(.*?)```/s.exec(after);
  if (block) return block[1]!.trim();
  const comments = [...code.matchAll(/console\.log\(.*\);\s*\/\/ (.+)$/gm)];
  return comments.map(([, comment]) => comment!.trim()).join('\n');
}

function examplesIn(from: string, text: string): Example[] {
  return [...text.matchAll(/```ts\n(.*?)```/gs)].map((match) => ({
    from,
    code: match[1]!,
    expected: promised(match[1]!, text.slice(match.index + match[0].length)),
  }));
}

/** The examples of a Markdown file. */
export function examplesOfDocument(path: string): Example[] {
  return examplesIn(path, readFileSync(path, 'utf8'));
}

/** The examples of every docstring in a folder. */
export function examplesOfSources(folder: string): Example[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const comments = readFileSync(path, 'utf8').match(/\/\*\*.*?\*\//gs) ?? [];
      return comments
        .filter((comment) => comment.includes('@example'))
        .flatMap((comment) => examplesIn(path, comment.replace(/^ *\* ?/gm, '')));
    });
}

/** A folder as a reader has it: contragrad is installed, and so is what it goes with. */
function makeProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'contragrad-examples-'));
  const project = join(folder, 'project');
  mkdirSync(join(project, 'node_modules'), { recursive: true });
  symlinkSync(resolve('.'), join(project, 'node_modules/contragrad'));
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  return project;
}

/** Runs programs in threads, each with globals and modules of its own. */
export class Examples {
  readonly #project = makeProject();
  #made = 0;

  /**
   * Runs an example against the built package as soon as a core is free.
   *
   * @param seconds - How long it may take.
   * @returns What it printed, or how it ended where that was no good end.
   */
  run({ code }: Pick<Example, 'code'>, seconds = 100): Promise<string> {
    const file = join(this.#project, `${this.#made++}.mjs`);
    return inTurn(async () => {
      writeFileSync(file, (await transform(code, TYPESCRIPT)).code);
      return runFile(file, seconds);
    });
  }

  /** Removes what it wrote. */
  close(): void {
    rmSync(dirname(this.#project), { recursive: true });
  }
}

/** Imports stay as they are, as where nothing is compiled. */
const TYPESCRIPT = {
  loader: 'ts',
  target: 'es2022',
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
} as const;

async function runFile(file: string, seconds: number): Promise<string> {
  const worker = new Worker(file, { stdout: true, stderr: true });
  const text = { out: '', err: '' };
  worker.stdout.on('data', (part) => {
    text.out += part;
  });
  worker.stderr.on('data', (part) => {
    text.err += part;
  });
  worker.on('error', (error: unknown) => {
    text.err += error instanceof Error ? error.stack : String(error);
  });
  let isLate = false;
  const clock = setTimeout(() => {
    isLate = true;
    worker.terminate();
  }, 1000 * seconds);
  const status = await new Promise<number>((resolve) => worker.on('exit', resolve));
  clearTimeout(clock);
  if (isLate) return `stopped after ${seconds} seconds: it does not end`;
  return status === 0 ? text.out.trim() : `exit ${status}: ${text.err}`;
}
