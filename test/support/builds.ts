/**
 * @file What some tests need built. A run begins to build it before its first test, and the tests that need it wait for it: those that do not
 * need it keep the processors busy meanwhile. What is as its sources are is not built again, and two runs wait for each other.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The files in which a run says how its builds ended: nothing, or what went wrong. */
    builds: { readonly [script: string]: string };
  }
}

/** Begins to run a script of package.json; returns what ends it, for the end of the run. */
export function begin(project: TestProject, script: string, variables: NodeJS.ProcessEnv = {}): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'contragrad-build-'));
  const outcome = join(folder, 'outcome.txt');
  project.provide('builds', { [script]: outcome });
  // A group of its own, so that all of it can be ended.
  const child = spawn('npm', ['run', script], {
    env: { ...process.env, NODE_ENV: 'production', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      said += part;
    });
  }
  const ended = new Promise<void>((resolve) => {
    child.on('close', (status) => {
      writeFileSync(outcome, status === 0 ? '' : `npm run ${script} failed:\n${said}`);
      resolve();
    });
  });
  return async () => {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  };
}

/** Waits until a script that this run began has ended; throws what it said where it failed. */
export async function built(script: string): Promise<void> {
  const outcome = inject('builds')[script]!;
  while (!existsSync(outcome)) await wait(100);
  const failure = readFileSync(outcome, 'utf8');
  if (failure !== '') throw new Error(failure);
}
