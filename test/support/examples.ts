/** @file Finds the examples in documents and docstrings, and runs them as a reader would. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

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

/** Runs an example against the built package; returns what it printed, or the error that ended it. */
export function run({ code }: Example): string {
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const { status, stdout, stderr } = spawnSync('node', ['--input-type=module', '--eval', outputText], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : `exit ${status}: ${stderr}`;
}
