/** @file The device that runs the kernels' texts on gpu.js and keeps their results where they were made. */
import { type DType, dtypeOf, type TypedArray, toTypedArray } from '../../dtype.js';
import { ContragradError, DeviceError, DTypeError } from '../../errors.js';
import { check } from '../cpu/check.js';
import { random } from '../cpu/random.js';
import type { Device, KernelName, KernelSpecs, Storage } from '../device.js';
import { boundOf, LARGEST_INTEGER } from './integers.js';
import { lower, withNumbers } from './kernels.js';
import { type Gpu, type Intake, Program, ProgramCache } from './program.js';
import type { KernelSource } from './source.js';
import { GpuStorage, type Handle, type Live, Residents, type Result } from './storage.js';

/** What `gpu()` knows when it opens a device. */
export interface Opening {
  readonly gpu: Gpu;
  readonly mode: string;
  readonly requested: string;
  readonly strict: boolean;
  readonly adapter: string | null;
  readonly context: unknown;
  readonly keepsNaN: boolean;
  readonly refusals: readonly { readonly mode: string; readonly reason: string }[];
}

/** What a {@link GpuDevice} says of itself. */
export interface GpuInfo {
  /** The mode that was asked for. */
  readonly requested: string;
  /** The backend that really runs. */
  readonly backend: string;
  /** The graphics adapter, in its driver's words; null where none is involved, or the browser keeps it to itself. */
  readonly adapter: string | null;
  /** Whether NaN stayed NaN when the device was tried: shading languages need not know it. Where it did not, NaN from the host is refused. */
  readonly keepsNaN: boolean;
  /** What `auto` tried before, and why it did not run. */
  readonly refusals: readonly { readonly mode: string; readonly reason: string }[];
  /** How many kernels are compiled now. */
  readonly kernels: number;
  /** How many were compiled in all, and what that cost: the milliseconds of their first calls. */
  readonly compiled: {
    /** How many programs. */
    readonly count: number;
    /** The time they took together. */
    readonly milliseconds: number;
  };
}

/** A device that runs on gpu.js. */
export interface GpuDevice extends Device {
  /** Which backend really runs. */
  readonly info: GpuInfo;
  /** What is alive on the GPU now: handles, and their bytes. 0 in the modes that compute on the host. */
  memory(): Live;
  /** Frees every kernel and every tensor on the device, which cannot be used afterwards. */
  destroy(): Promise<void>;
}

/** About 1 MB is held for each kernel of the webasm mode. */
const CACHED_KERNELS = 256;
interface GlContext {
  isContextLost(): boolean;
}

/** The device behind `gpu()`. */
export class GpuJsDevice implements GpuDevice {
  readonly dtypes: readonly DType[] = ['float32', 'int32'];
  /** Integers are floats here: what may have been rounded is refused. */
  readonly wraps = false;
  readonly name: string;
  readonly asynchronous: boolean;
  readonly #opening: Opening;
  /** Whether results stay on the GPU; the modes webasm and cpu have none. */
  readonly #stays: boolean;
  readonly #programs: ProgramCache;
  readonly #residents = new Residents();
  #compiled = { count: 0, milliseconds: 0 };
  /** The end of all kernel calls so far. */
  #queue: Promise<unknown> = Promise.resolve();
  /** The end of all looks at requirements, and the first that turned out not to hold: the next read tells it. */
  #requirements: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #fault: string | null = null;

  constructor(opening: Opening) {
    const { gpu, mode, context } = opening;
    this.#opening = opening;
    this.name = `gpu:${mode}`;
    this.asynchronous = mode === 'webgpu';
    this.#stays = mode !== 'webasm' && mode !== 'cpu';
    this.#programs = new ProgramCache(
      CACHED_KERNELS,
      (text) => new Program(gpu, mode, text),
      // Not before the calls that are under way.
      (program) => this.#afterwards(() => program.destroy()),
    );
    if (this.asynchronous) {
      const { device } = context as { device: { lost: Promise<{ message: string }> } };
      device.lost.then(({ message }) => {
        this.#fault ??= `lost its WebGPU device${message === '' ? '' : ` (${message})`}`;
      });
    }
  }

  get info(): GpuInfo {
    const { requested, mode: backend, adapter, keepsNaN, refusals } = this.#opening;
    return {
      requested,
      backend,
      adapter,
      keepsNaN,
      refusals,
      kernels: this.#programs.size,
      compiled: { ...this.#compiled },
    };
  }

  memory(): Live {
    return this.#residents.live;
  }

  upload(data: TypedArray): Storage {
    const dtype = dtypeOf(data);
    if (dtype === 'float64') {
      throw new DTypeError(
        this.name,
        'holds float32 and int32, got float64',
        "use cast(x, 'float32'), or stay on the CPU",
      );
    }
    const storage = this.#known(dtype, Float32Array.from(data));
    if (dtype === 'int32') {
      storage.bound = 0;
      for (const value of data) storage.bound = Math.max(storage.bound, Math.abs(value));
      if (storage.bound > LARGEST_INTEGER) throw this.#tooLarge(data.find((x) => Math.abs(x) > LARGEST_INTEGER)!);
    }
    if (!this.#opening.keepsNaN && data.some(Number.isNaN)) {
      throw new DeviceError(this.name, 'makes a number of NaN, got NaN', 'stay on the CPU');
    }
    return storage;
  }

  retain(storage: Storage): void {
    if (storage instanceof GpuStorage) storage.owners++;
  }

  release(storage: Storage): void {
    if (!(storage instanceof GpuStorage) || --storage.owners > 0) return;
    this.#leaveGpu(storage);
  }

  readSync(storage: Storage): TypedArray {
    const own = storage as GpuStorage;
    this.#checkAlive();
    if (own.host !== null) return toTypedArray(own.dtype, own.host);
    if (this.asynchronous) throw new DeviceError(this.name, 'numbers are still on their way', 'use await t.data()');
    const source: KernelSource = { body: 'return a[i];', size: own.size, dtype: 0 };
    const values = this.#call(source, [own], false)() as Float32Array;
    this.#checkAlive();
    this.#arrived(own, values);
    return toTypedArray(own.dtype, values);
  }

  async read(storage: Storage): Promise<TypedArray> {
    if (!this.asynchronous) return this.readSync(storage);
    const values = await this.#copy(storage as GpuStorage);
    await this.#requirements;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    this.#checkAlive();
    return toTypedArray(storage.dtype, values);
  }

  expect(status: Storage, values: Storage, explain: (index: number, value: number) => Error): void {
    const before = this.#requirements;
    this.retain(values);
    const seen = this.#copy(status as GpuStorage);
    const look = async (): Promise<void> => {
      const index = (await seen)[0]!;
      await before;
      if (index >= 0) this.#failure ??= explain(index, (await this.#copy(values as GpuStorage))[index]!);
    };
    this.#requirements = look()
      .catch((error: Error) => {
        this.#failure ??= error;
      })
      .then(() => this.release(values));
  }

  run<Name extends KernelName>(kernel: Name, inputs: readonly Storage[], spec: KernelSpecs[Name]): Storage {
    this.#checkAlive();
    const given = inputs as readonly GpuStorage[];
    if (kernel === 'random') return this.#known('float32', random([hostOf(given[0]!)], spec as KernelSpecs['random']));
    if (kernel === 'check' && given[0]!.host !== null) {
      return this.#known('int32', check([given[0]!.host], spec as KernelSpecs['check']));
    }
    const reading = this.asynchronous ? 'buffer' : this.#stays ? 'texels' : 'host';
    const values = [...given];
    lower(kernel, spec, reading).forEach(({ from, ...source }, stage) => {
      const inputs = from ?? (stage === 0 ? given.keys() : [values.length - 1]);
      values.push(
        this.#launch(
          source,
          [...inputs].map((index) => values[index]!),
        ),
      );
    });
    for (const made of values.slice(given.length, -1)) this.#drop(made);
    const out = values.at(-1)!;
    if (out.dtype === 'int32') this.#bind(kernel, given, spec, out);
    return out;
  }

  /** Finds out how large the whole numbers of a result are; refuses those that may have been rounded, or lost. */
  #bind<Name extends KernelName>(
    kernel: Name,
    given: readonly GpuStorage[],
    spec: KernelSpecs[Name],
    out: GpuStorage,
  ): void {
    const known = boundOf(
      kernel,
      spec,
      given.map(({ bound }) => bound),
    );
    out.bound = Math.min(known, LARGEST_INTEGER);
    if (known <= LARGEST_INTEGER) return;
    if (kernel === 'pad') throw this.#tooLarge((spec as KernelSpecs['pad']).value);
    if (kernel === 'cast') this.#expectWithin(LARGEST_INTEGER, given[0]!);
    // The largest itself may stand for the next one.
    else if (kernel === 'map' || kernel === 'zip') this.#expectWithin(LARGEST_INTEGER - 1, out);
    else {
      // Large parts may add up to a small number: they were exact if their sizes add up to an exact one.
      const [x, ...rest] = given;
      const sizes = this.run('map', [x!], { op: 'abs', size: x!.size }) as GpuStorage;
      sizes.bound = 0;
      const total = this.run(kernel, [sizes, ...rest], spec) as GpuStorage;
      this.#expectWithin(LARGEST_INTEGER - 1, total);
      this.#drop(sizes);
      this.#drop(total);
    }
  }

  /** Refuses elements that are larger in size: now, or when somebody reads. */
  #expectWithin(most: number, values: GpuStorage): void {
    const requirement = { test: 'between', low: -most, high: most } as const;
    const status = this.run('check', [values], { requirement, size: values.size });
    const explain = (_: number, value: number): Error => this.#tooLarge(value);
    if (this.asynchronous) this.expect(status, values, explain);
    else {
      const [index] = this.readSync(status);
      if (index! >= 0) throw explain(index!, this.readSync(values)[index!]!);
    }
    this.#drop(status as GpuStorage);
  }

  #tooLarge(value: number): DTypeError {
    return new DTypeError(this.name, `holds int32 up to 2^24 only, got ${value}`, 'stay on the CPU');
  }

  async destroy(): Promise<void> {
    this.#fault ??= 'was destroyed';
    await this.#queue;
    this.#residents.clear();
    this.#programs.clear();
    await this.#opening.gpu.destroy();
  }

  /** A storage whose elements the host knows. */
  #known(dtype: DType, host: TypedArray): GpuStorage {
    this.#checkSize(host.length);
    const storage = new GpuStorage(dtype, host.length);
    storage.host = host instanceof Float32Array ? host : Float32Array.from(host);
    return storage;
  }

  /** What was read lives on the host from then on, where the garbage collector counts it. */
  #arrived(storage: GpuStorage, values: Float32Array): void {
    storage.host = values;
    this.#leaveGpu(storage);
  }

  /** Frees the elements on the GPU, behind the calls that still read them. */
  #leaveGpu(storage: GpuStorage): void {
    const { resident } = storage;
    storage.resident = null;
    if (resident === null) return;
    if (!this.asynchronous) this.#residents.delete(resident as Handle);
    else this.#afterwards(async () => this.#residents.delete(await resident));
  }

  /** Frees a storage that nobody was told of. */
  #drop(storage: GpuStorage): void {
    this.retain(storage);
    this.release(storage);
  }

  #launch(source: KernelSource, inputs: readonly GpuStorage[]): GpuStorage {
    this.#checkSize(source.size);
    const dtype = typeof source.dtype === 'number' ? inputs[source.dtype]!.dtype : source.dtype;
    const out = new GpuStorage(dtype, source.size);
    const call = this.#call(source, inputs, this.#stays);
    if (!this.#stays) out.host = Float32Array.from(call() as Float32Array);
    else if (!this.asynchronous) this.#residents.settle(out, call() as Handle);
    else {
      // The queue must not keep the storage alive: it may have been collected before its numbers came.
      const later = new WeakRef(out);
      out.resident = this.#enqueue(async () => {
        const handle = asElements((await call()) as Handle, source.size);
        const storage = later.deref();
        if (storage !== undefined) return this.#residents.settle(storage, handle);
        handle.delete();
        return handle;
      });
    }
    return out;
  }

  /** A kernel call, ready to be made. */
  #call(source: KernelSource, inputs: readonly GpuStorage[], stays: boolean): () => Result | Promise<Result> {
    const intakes = inputs.map(({ host, size }): Intake => {
      if (host !== null && size === 1 && source.takesNumbers) return 'number';
      if (!this.#stays || (host !== null && source.uploads)) return 'array';
      return source.readsVectors ? 'vectors' : 'handle';
    });
    const given = inputs.map((input, index) => {
      if (intakes[index] === 'number') return input.host![0]!;
      return intakes[index] === 'array' ? input.host! : (input.resident ?? this.#settled(input));
    });
    const text = {
      body: withNumbers(
        source.body,
        intakes.map((intake) => intake === 'number'),
      ),
      threads: source.returnsVectors ? source.size / 4 : source.size,
      vectors: source.returnsVectors ?? false,
      intakes,
      stays,
    };
    return () => {
      // The inputs are named here so that they live until the call.
      const program = this.#programs.get(
        text,
        inputs.map((input) => input.size),
      );
      const { fresh } = program;
      const start = fresh ? performance.now() : 0;
      const done = <T>(result: T): T => {
        if (fresh) this.#noteCompiled(program, performance.now() - start);
        return result;
      };
      if (!this.asynchronous) {
        try {
          return done(program.run(given as (number | Result)[]));
        } catch (error) {
          throw this.#explained(error);
        }
      }
      return Promise.all(given).then((ready) => Promise.resolve(program.run(ready)).then(done));
    };
  }

  /** Brings a storage that the host knows to the GPU. */
  #settled(storage: GpuStorage): Handle | Promise<Handle> {
    const call = this.#call({ body: 'return a[i];', size: storage.size, dtype: 0, uploads: true }, [storage], true);
    const resident = this.asynchronous
      ? this.#enqueue(async () => this.#residents.settle(storage, (await call()) as Handle))
      : this.#residents.settle(storage, call() as Handle);
    storage.resident = resident;
    return resident;
  }

  /** One call at a time: a kernel's buffers are its own, and a second call would overwrite them. */
  #enqueue<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(act).catch((error: unknown) => {
      throw this.#explained(error);
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  #afterwards(act: () => unknown): void {
    if (this.asynchronous) this.#enqueue(async () => act()).catch(() => {});
    else act();
  }

  /** The elements on the host, read in their turn among the kernel calls. */
  #copy(storage: GpuStorage): Promise<Float32Array> {
    if (storage.host !== null) return Promise.resolve(storage.host);
    const { resident } = storage;
    const started = this.#enqueue(async () => {
      this.#checkAlive();
      const values = ((await resident) as Handle).toArray() as Promise<Float32Array>;
      values.catch(() => {});
      return { values };
    });
    return started.then(async ({ values: coming }) => {
      try {
        const values = await coming;
        this.#arrived(storage, values);
        return values;
      } catch (error) {
        throw this.#explained(error);
      }
    });
  }

  #explained(error: unknown): Error {
    if (error instanceof ContragradError) return error;
    const said = error instanceof Error ? error.message : String(error);
    return new DeviceError(this.name, this.#fault ?? `failed (${said})`, 'open a new one with gpu()');
  }

  #checkAlive(): void {
    if (this.#stays && !this.asynchronous && (this.#opening.context as GlContext).isContextLost()) {
      this.#fault ??= 'lost its WebGL context';
    }
    if (this.#fault !== null) throw new DeviceError(this.name, this.#fault, 'open a new one with gpu()');
  }

  #checkSize(size: number): void {
    if (size > LARGEST_INTEGER) {
      throw new DeviceError(
        this.name,
        `holds tensors of up to 2^24 elements, got ${size}`,
        'take smaller batches, or stay on the CPU',
      );
    }
  }

  #noteCompiled(program: Program, milliseconds: number): void {
    const { count, milliseconds: before } = this.#compiled;
    this.#compiled = { count: count + 1, milliseconds: before + milliseconds };
    const { mode, reason } = program.ran;
    if (!this.#opening.strict || mode === this.#opening.mode) return;
    const why = reason === null ? '' : ` (${reason})`;
    throw new DeviceError(this.name, `a kernel fell back to ${mode}${why}`, 'pass { strict: false }');
  }
}

function hostOf({ dtype, host }: GpuStorage): TypedArray {
  return toTypedArray(dtype, host!);
}

/** A buffer of vectors as one of elements: they lie behind one another, but gpu.js takes no vectors as an argument there. */
function asElements(handle: Handle, size: number): Handle {
  return Object.assign(handle, { componentCount: 1, output: [size] });
}
