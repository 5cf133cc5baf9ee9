/** @file Opens the device that a command names. */
import type { Device } from '../devices/device.js';
import { type GpuMode, gpu } from '../devices/gpu/index.js';
import { ArgumentError, cpu } from '../index.js';

/**
 * The device of a name: `cpu` or `gpu[:mode]`.
 *
 * @throws `ArgumentError` on any other name, `DeviceError` where the device does not run here.
 */
export async function openDevice(name: string): Promise<Device> {
  if (name === 'cpu') return cpu;
  const [kind, mode = 'auto', ...rest] = name.split(':');
  if (kind !== 'gpu' || rest.length > 0) {
    throw new ArgumentError('--device', `must be cpu or gpu[:mode], got ${JSON.stringify(name)}`);
  }
  return gpu({ mode: mode as GpuMode });
}
