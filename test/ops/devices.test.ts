/** @file Every row of the table on every gpu.js mode of Node: value and gradients as in float64 on the CPU. */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Device } from '../../src/devices/device.js';
import { gpu } from '../../src/devices/gpu/index.js';
import { cast, cpu, grad, type Tensor, tensor, useDevice } from '../../src/index.js';
import type { Case } from './cases.js';
import { table, titleOf } from './table.js';

const [webasm, interpreted] = await Promise.all([gpu({ mode: 'webasm' }), gpu({ mode: 'cpu' })]);
afterAll(() => Promise.all([webasm.destroy(), interpreted.destroy()]));

/** Each device with the cases a row, and its tolerance relative to the largest element (at least 1). */
const devices: readonly [Device, number, number][] = [
  [webasm, 100, 1e-5],
  [interpreted, 100, 1e-5],
];

/** The value of a row, and its gradients under a fixed seed. */
function run(row: Case, inputs: readonly Tensor[], device: Device, dtype: 'float32' | 'float64'): number[][] {
  return useDevice(device, () => {
    const leaves = inputs.map((x) =>
      x.dtype === 'int32'
        ? x.to(device)
        : tensor((dtype === 'float32' ? cast(x, dtype) : x).dataSync(), {
            shape: x.shape,
            requiresGrad: true,
          }),
    );
    const out = row.fn(...leaves);
    const seed = Float64Array.from({ length: out.size }, (_, i) => Math.cos(1 + i));
    const wanted = leaves.filter((leaf) => leaf.requiresGrad);
    const gradients = out.requiresGrad
      ? grad(out, wanted, { gradient: tensor(seed, { shape: out.shape, dtype }), allowUnused: true })
      : [];
    return [out, ...gradients].map((x) => [...x.dataSync()]);
  });
}

describe.each(devices.map(([device, numRuns, tolerance]) => ({ name: device.name, device, numRuns, tolerance })))(
  'in float32 on $name',
  ({ device, numRuns, tolerance }) => {
    test.each(table.map((row) => [titleOf(row), row] as const))('%s', (_, row) => {
      fc.assert(
        fc.property(row.inputs, (given) => {
          // Both start from numbers that float32 holds.
          const inputs = given.map((x) => (x.dtype === 'int32' ? x : cast(cast(x, 'float32'), 'float64')));
          const wanted = run(row, inputs, cpu, 'float64');
          run(row, inputs, device, 'float32').forEach((values, part) => {
            const scale = Math.max(1, ...wanted[part]!.map(Math.abs));
            values.forEach((value, i) => {
              expect(Math.abs(value - wanted[part]![i]!) / scale).toBeLessThanOrEqual(tolerance);
            });
          });
        }),
        { numRuns, seed: 20261124 },
      );
    });
  },
);
