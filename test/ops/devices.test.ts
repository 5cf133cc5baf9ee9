/** @file Every row of the table on every gpu.js mode of Node: value and gradients as in float64 on the CPU. */
import { afterAll, describe, expect, test } from 'vitest';
import { gpu } from '../../src/devices/gpu/index.js';
import { cases, seed } from '../support/depth.js';
import { rowError } from '../support/device-parity.js';
import { table, titleOf } from './table.js';

describe.each(['webasm', 'cpu'] as const)('in float32 on gpu:%s', async (mode) => {
  const device = await gpu({ mode });
  afterAll(() => device.destroy());

  test.each(table.map((row) => [titleOf(row), row] as const))('%s', async (_, row) => {
    expect(await rowError(row, device, { numRuns: cases(100), seed })).toBeLessThanOrEqual(1e-5);
    expect(device.info.backend).toBe(mode);
  });
});
