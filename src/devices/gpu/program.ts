/** @file Kernels of gpu.js compiled out of source text: what they cost, what really runs them, and how long they are kept. */
import { inputName } from './source.js';
import type { Handle, Result } from './storage.js';

/**
 * How a kernel takes an input: as a number, as an array of the host, or from the GPU, element by element or in vectors of four.
 */
export type Intake = 'number' | 'array' | 'handle' | 'vectors';

/** What is compiled. */
export interface Text {
  /** The body of the kernel; `i` is the flat index of its result. */
  readonly body: string;
  /** How many threads run it. */
  readonly threads: number;
  /** How each input comes. */
  readonly intakes: readonly Intake[];
  /** Whether each thread returns four elements. */
  readonly vectors: boolean;
  /** Whether the result stays on the GPU. */
  readonly stays: boolean;
}

/** What really ran, and why another was left. */
export interface Ran {
  readonly mode: string;
  readonly reason: string | null;
}

/** A kernel of gpu.js, as far as it is used here. */
interface Kernel {
  (...inputs: never[]): unknown;
  /** What runs it. */
  readonly kernel: {
    readonly constructor: object;
    readonly context?: unknown;
    readonly fallbackReason?: string | null;
  };
  destroy(): void;
}

/**
 * What runs kernels in gpu.js, as far as it is used here: declarations that named its own types would need it installed, and
 * a page's types.
 */
export interface Gpu {
  /** Compiles a text. */
  createKernel(text: string, settings: object): Kernel;
  /** Frees all. */
  destroy(): Promise<void>;
}

/** The types of gpu.js for inputs on the GPU. */
function argumentType(intake: Intake, mode: string): string {
  if (intake === 'number') return 'Float';
  if (intake === 'array') return 'Array';
  if (mode === 'webgpu') return 'WebGPUBuffer';
  return intake === 'vectors' ? 'ArrayTexture(4)' : 'ArrayTexture(1)';
}

/** One compiled kernel. */
export class Program {
  readonly #kernel: Kernel;
  readonly #mode: string;
  readonly #stays: boolean;
  /** Building happens in the first call. */
  #built = false;

  constructor(gpu: Gpu, mode: string, { body, threads, vectors, intakes, stays }: Text) {
    const names = intakes.map((_, index) => inputName(index));
    const settings = {
      output: [threads],
      precision: 'single',
      // Without it the type is guessed from the text.
      returnType: vectors ? 'Array(4)' : 'Number',
      argumentTypes: Object.fromEntries(names.map((name, index) => [name, argumentType(intakes[index]!, mode)])),
      pipeline: stays,
      immutable: stays,
    };
    const text = `function(${names.join(', ')}) {\nconst i = this.thread.x;\n${body}\n}`;
    this.#kernel = gpu.createKernel(text, settings);
    this.#mode = mode;
    this.#stays = stays;
  }

  /** Whether the next call compiles. */
  get fresh(): boolean {
    return !this.#built;
  }

  /** Runs it. On webgpu the result is a promise. */
  run(inputs: readonly (number | Result)[]): Result | Promise<Result> {
    const call = (): unknown => this.#kernel(...(inputs as never[]));
    const result = call() as Result | Promise<Result>;
    const first = !this.#built;
    this.#built = true;
    if (!first || !this.#stays || this.#mode === 'webgpu') return result;
    // The first texture belongs to the kernel: gpu.js would delete it together with the kernel.
    const own = call() as Result;
    (result as Handle).delete();
    return own;
  }

  /** What ran. gpu.js calls all of WebGL `gpu`; the context tells which. */
  get ran(): Ran {
    const { constructor: kind, context, fallbackReason = null } = this.#kernel.kernel;
    const { mode } = kind as { readonly mode: string };
    if (mode !== 'gpu') return { mode, reason: fallbackReason };
    const isA = (name: string): boolean => {
      const known = (globalThis as Record<string, unknown>)[name];
      return typeof known === 'function' && context instanceof known;
    };
    const webgl = isA('WebGLRenderingContext') ? 'webgl' : 'headlessgl';
    return { mode: isA('WebGL2RenderingContext') ? 'webgl2' : webgl, reason: fallbackReason };
  }

  /** The context that it runs in, once it ran. */
  get context(): unknown {
    return this.#kernel.kernel.context;
  }

  /** Frees it. */
  destroy(): void {
    this.#kernel.destroy();
  }
}

/** Programs by what they were compiled from; the one unused for longest goes first. */
export class ProgramCache {
  // A Map keeps the order of insertion.
  readonly #programs = new Map<string, Program>();
  readonly #limit: number;
  readonly #compile: (text: Text) => Program;
  readonly #retire: (program: Program) => void;

  /**
   * @param retire - Destroys a program, as soon as nothing runs it any more.
   */
  constructor(limit: number, compile: (text: Text) => Program, retire: (program: Program) => void) {
    this.#limit = limit;
    this.#compile = compile;
    this.#retire = retire;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#programs.size;
  }

  /** The program of a text. */
  get(text: Text, sizes: readonly number[]): Program {
    const key = `${text.threads} ${text.vectors} ${text.stays} ${text.intakes.join(' ')} ${sizes.join(' ')} ${text.body}`;
    const program = this.#programs.get(key) ?? this.#compile(text);
    this.#programs.delete(key);
    this.#programs.set(key, program);
    if (this.#programs.size > this.#limit) {
      const [oldest, unused] = this.#programs.entries().next().value!;
      this.#programs.delete(oldest);
      this.#retire(unused);
    }
    return program;
  }

  /** Forgets all. */
  clear(): void {
    this.#programs.clear();
  }
}
