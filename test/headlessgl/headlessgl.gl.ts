/** @file The gpu.js device on WebGL in Node: what the tests in the browser ask of WebGL2, without a browser. */
import { afterAll, expect, test } from 'vitest';
import { gpu } from '../../src/devices/gpu/index.js';
import { cpu } from '../../src/index.js';
import { table, titleOf } from '../ops/table.js';
import { seed } from '../support/depth.js';
import { kernelErrors, rowError, trainingErrors } from '../support/device-parity.js';
import { furthestLoss, siameseLosses } from '../support/siamese.js';

const device = await gpu({ mode: 'headlessgl' });
afterAll(() => device.destroy());

test('runs on headlessgl', () => {
  expect(device.info).toMatchObject({ requested: 'headlessgl', backend: 'headlessgl', refusals: [] });
  console.log(`adapter: ${device.info.adapter}`);
});

test('has the kernels of the CPU, to 1e-4', async () => {
  const errors = await kernelErrors(device, 1);
  expect(errors.length).toBeGreaterThan(50);
  expect(errors.filter(({ error }) => !(error <= 1e-4))).toEqual([]);
});

test.each(table.map((row) => [titleOf(row), row] as const))('%s, to 1e-4', async (_, row) => {
  expect(await rowError(row, device, { numRuns: 2, seed })).toBeLessThanOrEqual(1e-4);
});

test('trains with every loss as the CPU does, to 1e-3', async () => {
  expect((await trainingErrors(device, 5)).filter(({ error }) => !(error <= 1e-3))).toEqual([]);
});

test('trains the siamese encoder within 1 % of the CPU over 200 steps', async () => {
  const apart = furthestLoss(await siameseLosses(cpu, 200), await siameseLosses(device, 200));
  console.log(`200 steps: at most ${apart.toExponential(1)} from the CPU's loss`);
  expect(apart).toBeLessThan(0.01);
});
