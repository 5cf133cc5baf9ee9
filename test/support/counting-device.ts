/** @file The CPU, pretending that no garbage collector counts its numbers: what is held and what was freed can be asked. */
import type { Device, Storage } from '../../src/devices/device.js';
import type { DType } from '../../src/dtype.js';
import { cpu } from '../../src/index.js';

/** A device that counts the owners of its storages. */
export class CountingDevice implements Device {
  readonly name = 'counting';
  readonly dtypes: readonly DType[] = cpu.dtypes;
  readonly #owners = new Map<Storage, number>();
  /** How many storages were let go by their last owner. */
  freed = 0;

  /** How many storages have an owner now. */
  get held(): number {
    return this.#owners.size;
  }

  upload: Device['upload'] = (data) => cpu.upload(data);
  read: Device['read'] = (storage) => cpu.read(storage);
  readSync: Device['readSync'] = (storage) => cpu.readSync(storage);
  run: Device['run'] = (kernel, inputs, spec) => cpu.run(kernel, inputs, spec);

  retain(storage: Storage): void {
    this.#owners.set(storage, (this.#owners.get(storage) ?? 0) + 1);
  }

  release(storage: Storage): void {
    const owners = this.#owners.get(storage);
    if (owners === undefined) throw new Error('a storage was let go by somebody who did not hold it');
    if (owners > 1) this.#owners.set(storage, owners - 1);
    else {
      this.#owners.delete(storage);
      this.freed++;
    }
  }
}
