/** @file Training that is killed at random moments: no checkpoint is ever corrupt, and nothing is lost but time. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualSeed } from '../../src/index.js';
import { isFull } from '../support/depth.js';
import { Run } from './run.js';

/** How often each run is killed; `KILLS=20` for more. */
const KILLS = Number(process.env.KILLS ?? (isFull ? 6 : 3));
/** How many steps a process may make before it is killed, and how many milliseconds it may go on after them. */
const MOST_STEPS = 12;
const LONGEST = 20;

const folder = mkdtempSync(join(tmpdir(), 'contragrad-kill-'));
const program = join(folder, 'run.mjs');
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  await build({
    entryPoints: ['test/io/killed-run.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile: program,
    logLevel: 'error',
  });
});

/**
 * Runs the program for so many steps, or, without end, until it is killed some time after some of them: however busy the
 * machine is, it is at work then. Returns where it started, and how it ended.
 */
async function train(path: string, mode: string, total = Infinity): Promise<[start: number, end: string]> {
  const isKilled = total === Infinity;
  const child = spawn(process.execPath, [program, path, String(total), mode], { stdio: ['ignore', 'pipe', 'inherit'] });
  const steps = Math.floor(Math.random() * MOST_STEPS);
  let said = '';
  let isDoomed = false;
  child.stdout.on('data', (text: Buffer) => {
    said += text.toString();
    // Its first line says where it starts.
    if (!isKilled || isDoomed || said.split('\n').length <= steps + 1) return;
    isDoomed = true;
    setTimeout(() => child.kill('SIGKILL'), Math.random() * LONGEST);
  });
  const end = await new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? String(code)));
  });
  return [Number(/^at (\d+)$/m.exec(said)?.[1]), end];
}

test.each(['eager', 'compiled'])(`killed ${KILLS} times, training is what it would have been: %s`, async (mode) => {
  const place = mkdtempSync(join(folder, `${mode}-`));
  const path = join(place, 'checkpoint.safetensors');
  const starts: number[] = [];
  let [left, done] = [0, 0];
  // At least until something was saved.
  for (let kill = 0; kill < KILLS || done === 0; kill++) {
    const [start, end] = await train(path, mode);
    expect([start, end]).toEqual([done, 'SIGKILL']);
    starts.push(start);
    const others = readdirSync(place).filter((name) => name !== 'checkpoint.safetensors');
    // One that was being written, at most: older ones are gone.
    expect(others.length).toBeLessThanOrEqual(1);
    expect(others.every((name) => /^checkpoint\.safetensors\.\d+\.\d+\.tmp$/.test(name))).toBe(true);
    left += others.length;
    if (!existsSync(path)) continue;
    const run = new Run({ optimizer: 'Adam', compiled: false }, 9);
    await run.load(path);
    expect(run.steps).toBeGreaterThanOrEqual(start);
    done = run.steps;
  }
  const total = done + 10;
  expect(await train(path, mode, total)).toEqual([done, '0']);
  expect(readdirSync(place).sort()).toEqual(['checkpoint.safetensors', 'checkpoint.safetensors.state']);
  console.log(
    `${mode}: started at steps ${starts.join(', ')} of ${total}; ${left} unfinished files were left and removed`,
  );

  manualSeed(5);
  const whole = new Run({ optimizer: 'Adam', compiled: mode === 'compiled' }, 1);
  whole.train(total);
  expect(readFileSync(`${path}.state`, 'utf8')).toBe(whole.state);
});
