/** @file The curriculum: every example is short, runs, and shows what it says it shows. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { isFull } from '../support/depth.js';
import { inTurn } from '../support/pool.js';

// Each waits for those before it.
vi.setConfig({ testTimeout: 600_000 });

const names = readdirSync('examples').filter((name) => name.endsWith('.mjs'));

/** What an example prints. */
async function outputOf(number: string, ...flags: string[]): Promise<string> {
  const name = names.find((candidate) => candidate.startsWith(`${number}-`))!;
  const { stdout } = await inTurn(() => promisify(execFile)('node', [join('examples', name), ...flags]));
  return stdout;
}

/** The numbers of each line that starts like this. */
function numbersAfter(output: string, start: RegExp): number[][] {
  return output
    .split('\n')
    .filter((line) => start.test(line))
    .map((line) => (line.replace(start, '').match(/-?\d+(\.\d+)?/g) ?? []).map(Number));
}

test('the examples are numbered from 01 without a gap, and short', () => {
  expect(names.map((name) => Number(name.slice(0, 2)))).toEqual(names.map((_, index) => index + 1));
  for (const name of names) {
    const lines = readFileSync(join('examples', name), 'utf8').split('\n').length;
    // Two go all the way from data to a verification.
    expect(lines).toBeLessThan(name.includes('siamese') ? 96 : 65);
  }
});

/** Runs an example as it is copied out: in a folder of its own with nothing but the packages that it names. */
async function outputOfCopy(name: string, packages: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'contragrad-example-'));
  try {
    mkdirSync(join(folder, 'node_modules'));
    for (const each of packages) {
      symlinkSync(
        each === 'contragrad' ? resolve('.') : resolve('node_modules', each),
        join(folder, 'node_modules', each),
      );
    }
    copyFileSync(join('examples', name), join(folder, name));
    const { stdout } = await inTurn(() => promisify(execFile)('node', [name], { cwd: folder }));
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('an example names the packages that it needs besides contragrad, and reads no file of the repository', () => {
  for (const name of names) {
    const text = readFileSync(join('examples', name), 'utf8');
    const imported = [...text.matchAll(/^import .* from '([^']+)';$/gm)].map(([, from]) => from!);
    const foreign = imported.filter((from) => from.split('/')[0] !== 'contragrad' && !isBuiltin(from));
    const needed = [...text.slice(0, text.indexOf('*/')).matchAll(/Needs ([\w.-]+)/g)].map(([, each]) => each!);
    if (imported.includes('contragrad/gpu')) foreign.push('gpu.js');
    expect(needed.sort(), name).toEqual(foreign.sort());
  }
});

test.concurrent('copied into an empty folder, an example runs, without a package.json', async () => {
  expect(await outputOfCopy('01-chain-rule.mjs', ['contragrad'])).toBe(await outputOf('01'));
  expect(await outputOfCopy('08-gpu.mjs', ['contragrad', 'gpu.js'])).toContain('runs on webasm');
});

test.concurrent('01: the chain rule by hand, by backward and by differences is the same', async () => {
  const output = await outputOf('01');
  expect(numbersAfter(output, /^dy\/d\w/)).toEqual([
    [30, 30, 30],
    [20, 20, 20],
    [10, 10, 10],
  ]);
  expect(output).toContain('1. square = square(add)   y = x²   ȳ = 1');
  expect(output).toContain('gradcheck agrees: 0 kinks');
});

test.concurrent('02: broadcasting is undone by sums', async () => {
  const output = await outputOf('02');
  expect(output).toContain('d sum / d bias   = [ 2, 2, 2 ]');
  expect(output).toContain('d sum / d factor = [ [ 6 ], [ 15 ] ]');
  expect(output).toContain('after a second backward bias.grad is [ 4, 4, 4 ]');
  expect(output).toContain('second [ 6, 12, 18 ]');
  expect(output).toContain('ShapeError: add: cannot broadcast [2, 3] with [2]');
});

test.concurrent('03: the contrastive loss brings the same together, and others to the margin', async () => {
  const output = await outputOf('03');
  expect(output).toContain('[ 0.5, 0.125, 0 ]');
  const rows = numbersAfter(output, /^ +\d+ /);
  expect(rows).toHaveLength(4);
  const [first, last] = [rows[0]!, rows[3]!];
  expect([first[1]! > 1, first[2]! < 0.5]).toEqual([true, true]);
  expect([last[0]! < 0.001, last[1]! < 0.01, last[2]! > 0.99]).toEqual([true, true, true]);
});

test.concurrent('04: hard mining from a cold start learns slower than all triplets', async () => {
  const output = await outputOf('04');
  expect(output).toContain('1.75, 0.56, 0.00');
  expect(output).toContain('25088 triplets in a batch of 64, 64 with hard mining');
  const [all, hard] = ['all', 'hard'].map((name) => numbersAfter(output, new RegExp(`^${name} `))[0]![0]!);
  expect(all).toBeLessThan(5);
  expect(hard).toBeGreaterThan(2 * all!);
});

test.concurrent('05: InfoNCE is log N at collapse, and minds near negatives most when it is cold', async () => {
  const output = await outputOf('05');
  expect(output).toContain('loss 4.1589, log N = 4.1589');
  const shares = ['1', '0.3', '0.1'].map((t) => numbersAfter(output, new RegExp(`^${t} `))[0]![1]!);
  expect([...shares].sort((p, q) => p - q)).toEqual(shares);
  expect(shares[2]).toBeGreaterThan(90);
  const losses = numbersAfter(output, /^step +\d+:/).map(([loss]) => loss!);
  expect(losses).toHaveLength(4);
  expect(losses[3]).toBeLessThan(1);
});

test.concurrent('06: parts come to know their whole', async () => {
  const rows = numbersAfter(await outputOf('06'), /^ +\d+ /);
  expect(rows).toHaveLength(5);
  expect(rows[0]![2]).toBeLessThan(10);
  expect(rows[4]![2]).toBeGreaterThan(50);
  expect(rows[4]![1]).toBeGreaterThan(2.5);
});

test.concurrent('07: a compiled step gives the numbers of the eager one', async () => {
  const output = await outputOf('07');
  const [[eager, compiled]] = numbersAfter(output, /^loss after \d+ steps:/) as [[number, number]];
  expect(compiled).toBeCloseTo(eager, 4);
  expect(output).toContain('never further apart than a hundredth of a percent');
  expect(output).toMatch(/plan of \d+ kernels on the wasm executor/);
});

test.concurrent('08: the device trains as the CPU does', async () => {
  const output = await outputOf('08');
  expect(output).toContain('runs on webasm');
  expect(output).toContain('the same to 1 in 1,000: true');
});

/** The figures of a way in the table of a verification, all in percent. */
interface Verified {
  readonly equal: number;
  readonly accepted: readonly number[];
  readonly falseAccepts: number;
  readonly falseRejects: number;
}

function verified(output: string, way: string): Verified {
  const [row, ...others] = numbersAfter(output, new RegExp(`^${way} +`));
  expect([row?.length, others]).toEqual([6, []]);
  const [equal, ...rest] = row!;
  const [falseAccepts, falseRejects] = rest.slice(3);
  return { equal: equal!, accepted: rest.slice(0, 3), falseAccepts: falseAccepts!, falseRejects: falseRejects! };
}

test.concurrent('09: the siamese network verifies subjects that it never saw, and a turn of the head hardly matters', async () => {
  const output = await outputOf('09', ...(isFull ? [] : ['--quick']));
  const of = (way: string): Verified => verified(output, way);
  const [network, turned] = [of('the network'), of('and over turns')] as const;
  expect(of('raw strips').equal).toBeGreaterThan(20);
  expect(of('PCA-16').equal).toBeGreaterThan(12);
  expect(of('centred and scaled').equal).toBeGreaterThan(5);
  expect(network.equal).toBeLessThan(3);
  expect(turned.equal).toBeLessThan(network.equal);
  for (const { accepted } of [network, turned]) expect([...accepted].sort((p, q) => q - p)).toEqual(accepted);
  // The threshold comes from other subjects, and still holds.
  expect(Math.max(network.falseAccepts, network.falseRejects)).toBeLessThan(3);
  expect(Math.max(turned.falseAccepts, turned.falseRejects)).toBeLessThan(1);
});

test.concurrent('10: views that differ in light teach to overlook light, views that differ in noise do not', async () => {
  const output = await outputOf('10');
  const [raw, noise, light] = ['raw strips', 'views differ in noise', 'views differ in light'].map(
    (start) => numbersAfter(output, new RegExp(`^${start}`))[0]![0]!,
  ) as [number, number, number];
  expect(light).toBeGreaterThan(0.85);
  expect(raw).toBeLessThan(0.7);
  expect(noise).toBeLessThan(raw + 0.05);
});

test.concurrent('11: gradcheck accepts the right rule, and names the wrong one', async () => {
  const output = await outputOf('11');
  expect(output).toContain('gradcheck, first and second order: {"compared":16,"kinks":0}');
  expect(output).toContain('check the pull-back of this input');
  expect(output).toContain('swish = swish(x, 1.5)   y = x ⊙ σ(beta x)');
});

test.concurrent("12: PyTorch's weights give PyTorch's embeddings", async () => {
  const output = await outputOf('12');
  expect(output).toContain('0.weight  [4,3] float32');
  expect(output).toContain('the same to 1e-6: true');
  expect(output).toContain('ShapeError: loadStateDict: 0.weight must have shape [5, 3], got [4, 3]');
});

test.concurrent('13: InfoNCE stops at log N, dv does not, jsd at 2 log 2; all are near the truth where there is little to know', async () => {
  const output = await outputOf('13');
  const rows = output
    .split('\n')
    .filter((line) => /^\d\.\d\d /.test(line))
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number, number, number, number]);
  expect(rows).toHaveLength(7);
  for (const [rho, truth, nce, dv, jsd] of rows) {
    expect(truth).toBeCloseTo(-10 * Math.log(1 - rho ** 2), 1);
    expect(nce).toBeLessThanOrEqual(5.55);
    expect(jsd).toBeLessThanOrEqual(1.39);
    if (rho <= 0.4) expect([Math.abs(nce - truth) < 0.3, Math.abs(dv - truth) < 0.3]).toEqual([true, true]);
  }
  const last = rows.at(-1)!;
  expect(last[1]).toBeCloseTo(39.17, 2);
  expect(last[2]).toBeGreaterThan(5.4);
  expect(last[3]).toBeGreaterThan(2 * last[1]);
  expect(output).toContain('cannot report more than log N = 5.55 nats');
});

test.concurrent('14: the towers on images, trained for seconds, verify unseen subjects far better than pixels do', async () => {
  const output = await outputOf('14', '--quick');
  expect(output).toContain('40 others, 4400 pairs');
  const equal = (way: string): number => verified(output, way).equal;
  const network = equal('the network');
  expect(Math.min(equal('raw images'), equal('centred and scaled'))).toBeGreaterThan(20);
  expect(network).toBeLessThan(12);
  expect(equal('and over turns')).toBeLessThan(network);
  const choices = numbersAfter(output, /^turned by \d+ degrees, to choose on:/).map(([rate]) => rate!);
  expect(choices).toHaveLength(4);
  expect(choices[0]).toBeGreaterThan(Math.min(...choices));
});
