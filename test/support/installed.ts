/** @file The packed tarball, unpacked into a bare project: what a user installs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll } from 'vitest';

/** A project of a user, in a folder of its own. */
export interface Project {
  readonly folder: string;
  /** Puts a dependency of this repository into the project. */
  provide(...names: string[]): void;
  /** Writes a file; returns its path. */
  write(name: string, text: string): string;
  /** What a module prints, errors included. */
  node(code: string): string;
}

/** A project with nothing but the package; it is gone after the tests of the file. */
export function installedProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'contragrad-package-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  const [{ filename }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { encoding: 'utf8' }),
  ) as [{ filename: string }];
  mkdirSync(join(modules, 'contragrad'), { recursive: true });
  execFileSync('tar', [
    ...['-xzf', join(folder, filename)],
    ...['-C', join(modules, 'contragrad'), '--strip-components=1'],
  ]);
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  write('package.json', JSON.stringify({ name: 'bare', type: 'module', private: true }));
  return {
    folder,
    write,
    provide(...names) {
      for (const name of names) {
        mkdirSync(dirname(join(modules, name)), { recursive: true });
        symlinkSync(resolve('node_modules', name), join(modules, name));
      }
    },
    node(code) {
      const { stdout, stderr } = spawnSync('node', ['--input-type=module', '--eval', code], {
        cwd: folder,
        encoding: 'utf8',
      });
      return stdout.trim() + stderr;
    },
  };
}
