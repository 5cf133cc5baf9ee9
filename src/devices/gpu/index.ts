/**
 * The gpu.js device: the same kernels as the CPU's, on WebGPU, on WebGL, or in gpu.js's own WebAssembly and JavaScript
 * modes. On a GPU, results stay there between operations until they are read.
 *
 * @module contragrad/gpu
 */
import { checkChoice, readOptions } from '../../checks.js';
import { DeviceError } from '../../errors.js';
import { type GpuDevice, GpuJsDevice, type Opening } from './device.js';
import { type Gpu, Program } from './program.js';
import { passNaN } from './source.js';
import type { Handle } from './storage.js';

export type { GpuDevice, GpuInfo } from './device.js';

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

/**
 * Opens a device that runs on gpu.js, an optional peer dependency that is loaded here.
 *
 * @returns A device for `tensor(data, { device })`, `module.to(device)` and `useDevice`.
 * @throws `DeviceError` when gpu.js is missing, or no wanted mode runs here; it lists why.
 * @throws `ArgumentError` on a mode that does not exist.
 *
 * Under a Content-Security-Policy, `cpu` needs `'unsafe-eval'` and `webasm` needs `'wasm-unsafe-eval'`; the modes on a GPU need neither.
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
export async function gpu(options?: GpuOptions): Promise<GpuDevice> {
  const { mode, strict } = readOptions('gpu', options, { mode: 'auto', strict: true });
  checkChoice('gpu', 'mode', mode, ['auto', ...MODES]);
  const GpuJs = await loadGpuJs();
  const refusals: { mode: string; reason: string }[] = [];
  for (const candidate of mode === 'auto' ? AUTOMATIC : [mode]) {
    const opened = await open(GpuJs, candidate);
    if (typeof opened !== 'string') {
      return new GpuJsDevice({ mode: candidate, requested: mode, strict, refusals, ...opened });
    }
    refusals.push({ mode: candidate, reason: opened });
  }
  const list = refusals.map((refusal) => `${refusal.mode}: ${refusal.reason}`).join('; ');
  throw new DeviceError('gpu', `no mode runs here (${list})`, "name mode 'webasm' or 'cpu', or use the CPU device");
}

/** How gpu.js is opened. */
interface GpuJs {
  new (options: { readonly mode: string }): Gpu;
}

async function loadGpuJs(): Promise<GpuJs> {
  try {
    const module = (await import('gpu.js')) as unknown as { GPU?: GpuJs; default: { GPU: GpuJs } };
    return module.GPU ?? module.default.GPU;
  } catch (error) {
    throw new DeviceError('gpu', `gpu.js cannot be loaded (${String(error)})`, 'npm install gpu.js --ignore-scripts');
  }
}

/** Opens a mode and tries it: what runs it, or why it does not run. */
async function open(
  GpuJs: GpuJs,
  mode: (typeof MODES)[number],
): Promise<Pick<Opening, 'gpu' | 'context' | 'adapter' | 'keepsNaN'> | string> {
  let opened: Gpu | null = null;
  try {
    opened = new GpuJs({ mode });
    const stays = mode !== 'webasm' && mode !== 'cpu';
    const body = `const x = a[i]; ${passNaN('x')} return Math.max(x, 0.5) * 2.0;`;
    const text = { body, threads: 3, vectors: false, intakes: ['array'], stays } as const;
    const program = new Program(opened, mode, text);
    const result = await program.run([new Float32Array([1, 2, Number.NaN])]);
    const { ran, context } = program;
    const values = (stays ? await (result as Handle).toArray() : result) as Float32Array;
    if (ran.mode !== mode)
      throw new Error(`it fell back to ${ran.mode}${ran.reason === null ? '' : ` (${ran.reason})`}`);
    if (values[0] !== 2 || values[1] !== 4) throw new Error(`it computed ${[...values].join(', ')} for 1, 2 doubled`);
    if (stays) (result as Handle).delete();
    return { gpu: opened, context, adapter: adapterOf(mode, context), keepsNaN: Number.isNaN(values[2]) };
  } catch (error) {
    await opened?.destroy();
    const said = error instanceof Error ? error.message : String(error);
    return mode === 'cpu' ? `it makes kernels by new Function, which this page's policy may forbid: ${said}` : said;
  }
}

/** What is asked of a WebGL context here. */
interface GlContext {
  readonly RENDERER: number;
  getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): unknown;
}

/** The graphics adapter, in its driver's words. */
function adapterOf(mode: string, context: unknown): string | null {
  if (mode === 'webgpu') {
    const { adapter } = context as {
      adapter: { info?: { vendor: string; architecture: string; description: string } };
    };
    const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
    return [vendor, architecture, description].filter((part) => part !== '').join(' ') || null;
  }
  if (mode === 'webasm' || mode === 'cpu') return null;
  const gl = context as GlContext;
  const extension = gl.getExtension('WEBGL_debug_renderer_info');
  const name = gl.getParameter(extension?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER);
  return typeof name === 'string' && name !== '' ? name : null;
}
