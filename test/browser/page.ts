/** @file The page of the WebGL2 test: runs the shared cases and leaves the results where the test finds them. */
import { gpu } from '../../src/devices/gpu/index.js';
import { table, titleOf } from '../ops/table.js';
import { kernelErrors, rowError, trainingErrors } from '../support/device-parity.js';

async function run(): Promise<unknown> {
  const device = await gpu();
  const kernels = kernelErrors(device, 1);
  const training = trainingErrors(device, 5);
  const rows = table.map((row) => ({ title: titleOf(row), error: rowError(row, device, 5) }));
  return { name: device.name, info: device.info, kernels, training, rows };
}

Object.assign(globalThis, { results: run() });
