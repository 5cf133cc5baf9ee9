/** @file The page of the WebGL2 test: runs the shared cases and leaves the results where the test finds them. */
import { gpu } from '../../src/devices/gpu/index.js';
import { kernelErrors, trainingErrors } from '../support/device-parity.js';

async function run(): Promise<unknown> {
  const device = await gpu();
  const kernels = kernelErrors(device, 1);
  const training = trainingErrors(device, 5);
  return { name: device.name, info: device.info, kernels, training };
}

Object.assign(globalThis, { results: run() });
