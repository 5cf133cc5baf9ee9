/** @file The page of the special numbers: what rows of the table make of them on a GPU, beside PyTorch's answers. */
import { type GpuMode, gpu } from '../../src/devices/gpu/index.js';
import { table, titleOf } from '../ops/table.js';
import { type SpecialGolden, specialDifferences } from '../support/special.js';

/** Where the rows of these titles differ. */
async function special(mode: GpuMode, golden: SpecialGolden, titles: readonly string[]): Promise<unknown> {
  const device = await gpu({ mode });
  const place = { device, dtype: 'float32', tolerance: 1e-4, signedZeros: false } as const;
  const rows: { title: string; differences: string[] }[] = [];
  for (const row of table.filter((one) => titles.includes(titleOf(one)))) {
    rows.push({ title: titleOf(row), differences: await specialDifferences(row, golden, place) });
  }
  const { backend, keepsNaN } = device.info;
  return { backend, keepsNaN, rows };
}

Object.assign(globalThis, { special });
