/** @file Follows a page of the guide as its reader does: saves the files that it shows, types its commands, looks at what they print. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A block of commands, what the page says that it prints (null where it says nothing), and what it printed. */
export interface Typed {
  readonly commands: string;
  readonly promised: string | null;
  readonly printed: string;
  /** Whether it failed: then that is what it printed to stderr. */
  readonly isError: boolean;
}

/** In place of installing and of bundlers: nothing; in place of the installed command: the built one. */
const SHELL = `
set -e
npm() { :; }
npx() { if [ "$1" = contragrad ]; then shift; "$NODE" "$CLI" "$@"; fi; }
`;

/** How long a run took differs from run to run. */
const timeless = (text: string): string => text.trim().replaceAll(/\d+\.\d s$/gm, '? s');

/** Makes an empty folder one in which contragrad is installed. */
export function install(folder: string): void {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/contragrad'));
}

const blocksOf = (page: string): RegExpExecArray[] => [
  ...readFileSync(page, 'utf8').matchAll(/^```(\w+)(?: \[([\w.-]+)\])?\n(.*?)^```$/gms),
];

/** Saves the files of a page in a folder, and types nothing. */
export function save(page: string, folder: string): void {
  for (const [, , name, text] of blocksOf(page)) {
    if (name !== undefined) writeFileSync(join(folder, name), text!);
  }
}

/** Follows a page in a folder: every block with a name, such as `js [main.js]`, is a file, every `sh` block is typed. */
export function follow(page: string, folder: string): Typed[] {
  return blocksOf(page).flatMap(([, language, name, text], at, blocks) => {
    if (name !== undefined) writeFileSync(join(folder, name), text!);
    if (language !== 'sh') return [];
    const [, after, , promised] = blocks[at + 1] ?? [];
    const { stdout, stderr, status } = spawnSync('bash', ['-c', `${SHELL}${text}`], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath, CLI: resolve('dist/node/cli/main.js'), NO_COLOR: '1' },
    });
    return {
      commands: text!.trim(),
      promised: after === 'text' ? timeless(promised!) : null,
      printed: timeless(status === 0 ? stdout : stderr),
      isError: status !== 0,
    };
  });
}
