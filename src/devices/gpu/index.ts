/**
 * The gpu.js device.
 *
 * @packageDocumentation
 */

import { DeviceError } from '../../errors.js';
import type { Device } from '../device.js';

/** Ways for gpu.js to run. */
export type GpuMode = 'auto' | 'webgl2' | 'webgl' | 'headlessgl' | 'webasm' | 'cpu';

export async function gpu(_: { mode?: GpuMode } = {}): Promise<Device> {
  throw new DeviceError('gpu', 'pending');
}
