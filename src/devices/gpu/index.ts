/**
 * The gpu.js device: the same kernels as the CPU's, on WebGL or in gpu.js's own WebAssembly and JavaScript modes.
 *
 * Each kernel's result is read back to the host: numbers do not stay on the GPU between operations yet.
 *
 * @packageDocumentation
 */
import type { GPU, IKernelRunShortcut } from 'gpu.js';
import { type DType, dtypeOf, type TypedArray, toTypedArray } from '../../dtype.js';
import { ArgumentError, DeviceError, DTypeError } from '../../errors.js';
import { check } from '../cpu/check.js';
import { random } from '../cpu/random.js';
import type { Device, KernelName, KernelSpecs, Storage } from '../device.js';
import { type HostKernel, inputName, type KernelSource, kernelSources } from './kernels.js';

const AUTOMATIC = ['webgpu', 'webgl2', 'webgl', 'headlessgl'] as const;
const MODES = ['webgpu', 'webgl2', 'webgl', 'headlessgl', 'webasm', 'cpu'] as const;

/** Ways for gpu.js to run. */
export type GpuMode = 'auto' | (typeof MODES)[number];

/** Options of {@link gpu}. */
export interface GpuOptions {
  /** `'auto'` (default) tries webgpu, webgl2, webgl and headlessgl; `webasm` and `cpu` run only when named. */
  readonly mode?: GpuMode;
  /** Whether a kernel that fell back to another backend is an error. Default true. */
  readonly strict?: boolean;
}

/** What a {@link GpuDevice} says of itself. */
export interface GpuInfo {
  /** The mode that was asked for. */
  readonly requested: GpuMode;
  /** The backend that really runs. */
  readonly backend: string;
  /** What `auto` tried before, and why it did not run. */
  readonly refusals: readonly { readonly mode: string; readonly reason: string }[];
  /** How many kernels are compiled now. */
  readonly kernels: number;
}

/** A device that runs on gpu.js. */
export interface GpuDevice extends Device {
  /** Which backend really runs. */
  readonly info: GpuInfo;
  /** Frees every kernel; the device cannot be used afterwards. */
  destroy(): Promise<void>;
}

/** About 1 MB is held for each kernel of the webasm mode. */
const CACHED_KERNELS = 256;
const LARGEST_INTEGER = 2 ** 24;
/** What kernels return for -Infinity. */
const LOWEST = -3.0e38;

type KernelText = (spec: unknown) => KernelSource;
const hostKernels = { random, check };

/** Elements on the host, or on their way there. */
class HostStorage implements Storage {
  readonly dtype: DType;
  readonly size: number;
  readonly values: Float32Array | Promise<Float32Array>;

  constructor(dtype: DType, size: number, values: Float32Array | Promise<Float32Array>) {
    this.dtype = dtype;
    this.size = size;
    this.values = values;
    // Whoever reads it is told; nobody else needs to hear of it.
    if (values instanceof Promise) values.catch(() => {});
  }
}

const valuesOf = (storage: Storage): Float32Array | Promise<Float32Array> => (storage as HostStorage).values;

class GpuJsDevice implements GpuDevice {
  readonly dtypes: readonly DType[] = ['float32', 'int32'];
  readonly #gpu: GPU;
  readonly #mode: string;
  readonly #strict: boolean;
  readonly #requested: GpuMode;
  readonly #refusals: GpuInfo['refusals'];
  // A Map keeps the order of insertion: the first is the one unused for longest.
  readonly #kernels = new Map<string, IKernelRunShortcut>();
  readonly asynchronous: boolean;
  /** The end of all kernel calls so far. */
  #queue: Promise<unknown> = Promise.resolve();
  /** The end of all looks at requirements, and the first that turned out not to hold: the next read tells it. */
  #requirements: Promise<void> = Promise.resolve();
  #failure: Error | null = null;
  #destroyed = false;

  constructor(gpu: GPU, mode: string, options: Required<GpuOptions>, refusals: GpuInfo['refusals']) {
    this.#gpu = gpu;
    this.#mode = mode;
    this.asynchronous = mode === 'webgpu';
    this.#strict = options.strict;
    this.#requested = options.mode;
    this.#refusals = refusals;
  }

  get name(): string {
    return `gpu:${this.#mode}`;
  }

  get info(): GpuInfo {
    const { requested, refusals } = { requested: this.#requested, refusals: this.#refusals };
    return { requested, backend: this.#mode, refusals, kernels: this.#kernels.size };
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
    if (dtype === 'int32') {
      const large = data.find((value) => Math.abs(value) > LARGEST_INTEGER);
      if (large !== undefined) throw new DTypeError(this.name, `holds int32 up to 2^24 only, got ${large}`);
    }
    return new HostStorage(dtype, data.length, Float32Array.from(data));
  }

  readSync(storage: Storage): TypedArray {
    const values = valuesOf(storage);
    if (values instanceof Promise) {
      throw new DeviceError(this.name, 'numbers are still on their way', 'use await t.data()');
    }
    return toTypedArray(storage.dtype, values);
  }

  async read(storage: Storage): Promise<TypedArray> {
    const values = await valuesOf(storage);
    await this.#requirements;
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    return toTypedArray(storage.dtype, values);
  }

  expect(status: Storage, values: Storage, explain: (index: number, value: number) => Error): void {
    const before = this.#requirements;
    const look = async (): Promise<void> => {
      await before;
      const index = (await valuesOf(status))[0]!;
      if (index >= 0) this.#failure ??= explain(index, (await valuesOf(values))[index]!);
    };
    this.#requirements = look().catch((error: Error) => {
      this.#failure ??= error;
    });
  }

  run<Name extends KernelName>(kernel: Name, inputs: readonly Storage[], spec: KernelSpecs[Name]): Storage {
    if (this.#destroyed) throw new DeviceError(this.name, 'was destroyed', 'open a new one with gpu()');
    if (kernel === 'random' || kernel === 'check') return this.#runOnHost(kernel, inputs, spec);
    const source = (kernelSources[kernel as Exclude<Name, HostKernel>] as KernelText)(spec);
    const dtype = typeof source.dtype === 'number' ? inputs[source.dtype]!.dtype : source.dtype;
    const compiled = this.#compiled(source, inputs);
    const finish = (result: Float32Array): Float32Array => {
      this.#checkBackend(kernel, compiled);
      const values = Float32Array.from(result);
      if (kernel === 'logSumExp') {
        for (let i = 0; i < values.length; i++) if (values[i]! <= LOWEST) values[i] = Number.NEGATIVE_INFINITY;
      }
      return values;
    };
    if (!this.asynchronous) {
      return new HostStorage(
        dtype,
        source.size,
        finish(compiled(...(inputs.map(valuesOf) as Float32Array[])) as Float32Array),
      );
    }
    // One call at a time: a kernel's buffers are its own, and a second call would overwrite them.
    const result = this.#queue.then(async () => {
      const values = await Promise.all(inputs.map(valuesOf));
      return finish(await (compiled(...values) as unknown as Promise<Float32Array>));
    });
    this.#queue = result.catch(() => {});
    return new HostStorage(dtype, source.size, result);
  }

  #compiled({ body, size }: KernelSource, inputs: readonly Storage[]): IKernelRunShortcut {
    const names = inputs.map((_, index) => inputName(index));
    const key = `${size} ${inputs.map((input) => input.size).join(' ')} ${body}`;
    const compiled = this.#kernels.get(key) ?? compile(this.#gpu, names, `const i = this.thread.x;\n${body}`, size);
    this.#kernels.delete(key);
    this.#kernels.set(key, compiled);
    this.#evict();
    return compiled;
  }

  #runOnHost(kernel: HostKernel, inputs: readonly Storage[], spec: unknown): Storage {
    const run = hostKernels[kernel] as (inputs: readonly TypedArray[], spec: unknown) => TypedArray;
    const ready = (values: readonly Float32Array[]): TypedArray =>
      run(
        values.map((value, i) => toTypedArray(inputs[i]!.dtype, value)),
        spec,
      );
    const given = inputs.map(valuesOf);
    if (!given.some((values) => values instanceof Promise)) return this.upload(ready(given as Float32Array[]));
    const [dtype, size] = kernel === 'check' ? (['int32', 1] as const) : (['float32', inputs[0]!.size] as const);
    return new HostStorage(
      dtype,
      size,
      Promise.all(given).then((values) => Float32Array.from(ready(values))),
    );
  }

  async destroy(): Promise<void> {
    this.#destroyed = true;
    await this.#queue;
    this.#kernels.clear();
    await this.#gpu.destroy();
  }

  #checkBackend(kernel: KernelName, compiled: IKernelRunShortcut): void {
    const ran = backendOf(compiled);
    if (this.#strict && ran.mode !== this.#mode) {
      const reason = ran.reason === null ? '' : ` (${ran.reason})`;
      throw new DeviceError(
        this.name,
        `the kernel ${kernel} fell back to ${ran.mode}${reason}`,
        'pass { strict: false }',
      );
    }
  }

  #evict(): void {
    if (this.#kernels.size <= CACHED_KERNELS) return;
    const [oldest, kernel] = this.#kernels.entries().next().value!;
    this.#kernels.delete(oldest);
    // Not before the calls that are under way.
    if (this.asynchronous) this.#queue.then(() => kernel.destroy());
    else kernel.destroy();
  }
}

function compile(gpu: GPU, names: readonly string[], body: string, size: number): IKernelRunShortcut {
  // The typings of gpu.js lack returnType; without it the type is guessed from the text.
  const settings = {
    output: [size],
    precision: 'single' as const,
    returnType: 'Number',
    argumentTypes: Object.fromEntries(names.map((name) => [name, 'Array' as const])),
  };
  return gpu.createKernel(`function(${names.join(', ')}) {\n${body}\n}`, settings);
}

/** What really ran. gpu.js calls all of WebGL `gpu`; the context tells which. */
function backendOf(compiled: IKernelRunShortcut): { mode: string; reason: string | null } {
  interface Inner {
    readonly constructor: { readonly mode: string };
    readonly context?: unknown;
    readonly fallbackReason?: string | null;
  }
  const { kernel } = compiled as unknown as { kernel: Inner };
  const reason = kernel.fallbackReason ?? null;
  if (kernel.constructor.mode !== 'gpu') return { mode: kernel.constructor.mode, reason };
  const isA = (name: string): boolean => {
    const known = (globalThis as Record<string, unknown>)[name];
    return typeof known === 'function' && kernel.context instanceof known;
  };
  if (isA('WebGL2RenderingContext')) return { mode: 'webgl2', reason };
  return { mode: isA('WebGLRenderingContext') ? 'webgl' : 'headlessgl', reason };
}

/**
 * Opens a device that runs on gpu.js, an optional peer dependency that is loaded here.
 *
 * @returns A device for `tensor(data, { device })`, `module.to(device)` and `useDevice`.
 * @throws `DeviceError` when gpu.js is missing, or no wanted mode runs here; it lists why.
 * @throws `ArgumentError` on a mode that does not exist.
 *
 * On `webgpu` operations return at once and numbers follow: `await t.data()` reads them, `item()` and `toArray()` do not.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { gpu } from 'contragrad/gpu';
 *
 * const device = await gpu({ mode: 'webasm' });
 * console.log(tensor([1, 2], { device }).mul(2).toArray()); // [ 2, 4 ]
 * await device.destroy();
 * ```
 */
export async function gpu(options: GpuOptions = {}): Promise<GpuDevice> {
  const { mode = 'auto', strict = true } = options;
  if (mode !== 'auto' && !MODES.includes(mode)) {
    throw new ArgumentError('gpu', `mode must be auto, ${MODES.join(', ')}, got ${JSON.stringify(mode)}`);
  }
  const GpuJs = await loadGpuJs();
  const refusals: { mode: string; reason: string }[] = [];
  for (const candidate of mode === 'auto' ? AUTOMATIC : [mode]) {
    const reason = await probe(GpuJs, candidate);
    if (reason === null) return new GpuJsDevice(new GpuJs({ mode: candidate }), candidate, { mode, strict }, refusals);
    refusals.push({ mode: candidate, reason });
  }
  const list = refusals.map((refusal) => `${refusal.mode}: ${refusal.reason}`).join('; ');
  throw new DeviceError('gpu', `no mode runs here (${list})`, "name mode 'webasm' or 'cpu', or use the CPU device");
}

async function loadGpuJs(): Promise<typeof GPU> {
  try {
    const module = await import('gpu.js');
    return module.GPU ?? (module as unknown as { default: { GPU: typeof GPU } }).default.GPU;
  } catch (error) {
    throw new DeviceError('gpu', `gpu.js cannot be loaded (${String(error)})`, 'npm install gpu.js --ignore-scripts');
  }
}

/** Why a mode does not run here; null where it does. */
async function probe(GpuJs: typeof GPU, mode: (typeof MODES)[number]): Promise<string | null> {
  let instance: GPU | undefined;
  try {
    instance = new GpuJs({ mode });
    const kernel = compile(instance, ['a'], 'return a[this.thread.x] * 2;', 2);
    const result = (await kernel(new Float32Array([1, 2]))) as Float32Array;
    const ran = backendOf(kernel);
    if (ran.mode !== mode) return `it fell back to ${ran.mode}${ran.reason === null ? '' : ` (${ran.reason})`}`;
    return result[0] === 2 && result[1] === 4 ? null : `it computed ${[...result].join(', ')} for 2, 4`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await instance?.destroy();
  }
}
