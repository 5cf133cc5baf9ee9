/**
 * @file The base of every layer: finds its parameters, buffers and children by looking at its own properties, each time anew.
 */
import { context } from '../autograd/context.js';
import { scope } from '../autograd/scope.js';
import { Tensor } from '../autograd/tensor.js';
import { checkKind, describe } from '../checks.js';
import { checkDevice, type Device } from '../devices/device.js';
import { ArgumentError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { to } from '../ops/layout.js';
import { Buffer, loadState, type StateDict, stateOf } from '../state.js';
import { Watched } from '../watched.js';

/** No module has more names for what is inside: beyond it, modules that refer to each other make ever longer ones. */
const MOST_NAMES = 2 ** 14;

/** Two parts of a path, the first of which may be empty. */
const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** What a module, array, plain object, Map or Set holds, by name. Other objects keep what they hold to themselves. */
function entriesOf(holder: object): Iterable<[unknown, unknown]> {
  if (Array.isArray(holder) || holder instanceof Set) return [...holder].entries();
  if (holder instanceof Map) return holder;
  return holder instanceof Module || isPlainObject(holder) ? Object.entries(holder) : [];
}

/** The tensors and modules that an object holds, by name, also in arrays, plain objects, Maps and Sets. */
function* contents(
  holder: object,
  path = '',
  around: readonly object[] = [],
): globalThis.Generator<[string, Tensor | Module]> {
  for (const [key, value] of entriesOf(holder)) {
    if (typeof value !== 'object' || value === null || around.includes(value)) continue;
    const name = join(path, (value instanceof Buffer && value.key) || String(key));
    if (value instanceof Tensor || value instanceof Module) yield [name, value];
    else yield* contents(value, name, [...around, value]);
  }
}

/**
 * A module and all inside, each before its own: once, by its first path; or under every name, but for those that would lead back
 * to a module around it.
 */
export function* walk(module: Module, everyName = false): globalThis.Generator<[string, Module]> {
  /** Those that have been met; under every name, those around. */
  const met = new Set<Module>();
  let names = 0;
  function* visit(part: Module, path: string): globalThis.Generator<[string, Module]> {
    if (met.has(part)) return;
    if (everyName && ++names > MOST_NAMES) {
      const problem = `modules that refer to each other have more than ${MOST_NAMES} names`;
      throw new ArgumentError('Module', problem, 'refer to them by #private fields');
    }
    met.add(part);
    yield [path, part];
    for (const [name, child] of part.children()) yield* visit(child, join(path, name));
    if (everyName) met.delete(part);
  }
  yield* visit(module, '');
}

const isBuffer = (value: unknown): value is Buffer => value instanceof Buffer;
const isParameter = (value: unknown): value is Tensor =>
  value instanceof Tensor && value.isTrainable && !isBuffer(value);
const isState = (value: unknown): value is Tensor => isBuffer(value) || isParameter(value);

/** The parameters of a module itself, without those of modules inside. */
export function ownParameters(module: Module): Tensor[] {
  return Array.from(contents(module), ([, value]) => value).filter(isParameter);
}

/** The tensors inside that are wanted, by path: each once, or under every name. */
function* named<Wanted extends Tensor>(
  module: Module,
  isWanted: (value: unknown) => value is Wanted,
  { prefix = '', everyName = false }: { readonly prefix?: string; readonly everyName?: boolean } = {},
): globalThis.Generator<[string, Wanted]> {
  const seen = new Set<Tensor>();
  for (const [path, part] of walk(module, everyName)) {
    for (const [name, value] of contents(part)) {
      if (!isWanted(value) || (seen.has(value) && !everyName)) continue;
      seen.add(value);
      yield [prefix + join(path, name), value];
    }
  }
}

/** The modules that a call of {@link Module.train} has been to, with their mode; `inside` until all within are switched. */
let switched: Map<Module, boolean | 'inside'> | null = null;

/**
 * The base of every layer. A subclass keeps what it is made of as properties and writes `forward`, which takes and returns what
 * it likes.
 *
 * At each question the module looks at its own properties, also inside arrays, plain objects, Maps and Sets:
 *
 * - a leaf with `requiresGrad`, frozen or not, is a parameter, as {@link nn.Parameter} makes one; a {@link Buffer} is state that is
 *   not trained; other tensors are neither;
 * - a {@link Module} is a child, under the name of the property, for example `blocks.0`.
 *
 * So what is assigned later is seen, and what is shared is one: each parameter and module comes once, however many refer to it,
 * while a state has it under all its names, as in PyTorch. A module may refer to one that it is inside of.
 *
 * Not seen is what only a closure, a `#private` field, a getter of the class, a WeakMap, the key of a Map, or an object of a class
 * that is no module can reach. Where modules are there, override {@link Module.children}.
 *
 * @example
 * ```ts
 * import { nn, type Tensor } from 'contragrad';
 *
 * class Towers extends nn.Module {
 *   towers = { image: new nn.Linear(8, 2), text: new nn.Linear(4, 2) };
 *
 *   override forward(image: Tensor, text: Tensor): [Tensor, Tensor] {
 *     const { towers } = this;
 *     return [towers.image.forward(image), towers.text.forward(text)];
 *   }
 * }
 * console.log(Object.keys(new Towers().stateDict()).join(' '));
 * // towers.image.weight towers.image.bias towers.text.weight towers.text.bias
 * ```
 */
export abstract class Module extends Watched {
  #training = true;

  constructor(...stray: never[]) {
    super();
    // A class without a constructor hands on what it is called with.
    if (stray.length > 0) throw new ArgumentError('Module', `takes no arguments, got ${describe(stray[0])}`);
  }

  /** Whether the module is being trained. {@link Module.train} and {@link Module.eval} set it for all inside, too. */
  get training(): boolean {
    context().recorder?.depends(() => this.#training);
    return this.#training;
  }

  set training(value: boolean) {
    checkKind('Module', 'training', value, 'boolean');
    this.#training = value;
    // No replay switches it: one is right only while it is so.
    context().recorder?.depends(() => this.#training);
  }

  // Two signatures: against a single generic one TypeScript would check a subclass's `forward` with its type parameters unknown.
  /** What the module computes. Of a module whose class is not known, the result is a tensor unless another type is said. */
  abstract forward<Output = Tensor>(...inputs: readonly unknown[]): Output;
  abstract forward<Output, Inputs extends readonly unknown[]>(...inputs: Inputs): Output;

  /** The modules directly inside, by name. */
  *children(): globalThis.Generator<[string, Module]> {
    for (const [name, value] of contents(this)) if (value instanceof Module) yield [name, value];
  }

  /** This module and every one inside, once each, by its path; its own is empty. */
  namedModules(): globalThis.Generator<[string, Module]> {
    return walk(this);
  }

  /** This module and every one inside, once each. */
  modules(): Module[] {
    return Array.from(this.namedModules(), ([, module]) => module);
  }

  /** Every parameter inside, once each, by its first path, for example `0.weight`. */
  namedParameters(prefix = ''): globalThis.Generator<[string, Tensor]> {
    checkKind('Module', 'prefix', prefix, 'string');
    return named(this, isParameter, { prefix });
  }

  /** Every buffer inside, once each, by its first path, for example `1.running_mean`. */
  namedBuffers(prefix = ''): globalThis.Generator<[string, Buffer]> {
    checkKind('Module', 'prefix', prefix, 'string');
    return named(this, isBuffer, { prefix });
  }

  /** Every parameter inside, once each, for an optimizer; frozen ones too. */
  parameters(): Tensor[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Every buffer inside, once each. */
  buffers(): Buffer[] {
    return Array.from(this.namedBuffers(), ([, buffer]) => buffer);
  }

  /** Forgets the gradient of every parameter inside: `grad` is null again. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /**
   * The numbers of parameters and buffers by name; later training does not change what it returned. What is shared comes under
   * each of its names.
   *
   * @throws {@link ArgumentError} when two tensors have one name, or modules refer to each other in too many ways.
   */
  stateDict(): StateDict {
    return stateOf(named(this, isState, { everyName: true }));
  }

  /**
   * Binds every parameter and buffer to the numbers of `state`. On an error nothing has changed.
   *
   * @throws {@link ArgumentError} when a name is missing or unknown, or the names of what is shared have different numbers.
   * @throws {@link ShapeError} when a shape differs.
   */
  loadStateDict(state: StateDict): void {
    loadState(named(this, isState, { everyName: true }), state);
  }

  /** Binds every parameter and buffer, the same objects, to their numbers on `device`. */
  to(device: Device): this {
    checkDevice('Module', device);
    scope(() => {
      for (const [, leaf] of named(this, isState)) leaf.assign(to(leaf, device));
    });
    return this;
  }

  /** Sets {@link Module.training} here and in every module inside, by its own `train`. */
  train(training = true): this {
    const known = switched?.get(this);
    if (known === training || known === 'inside') return this;
    const before = switched;
    try {
      switched ??= new Map();
      switched.set(this, 'inside');
      this.training = training;
      for (const [, child] of this.children()) child.train(training);
      switched.set(this, training);
    } finally {
      switched = before;
    }
    return this;
  }

  /** The opposite of {@link Module.train}. */
  eval(): this {
    return this.train(false);
  }
}

/** A module that takes one tensor and returns one, as those that stand in a row do. */
export interface Layer extends Module {
  /** What the layer computes. */
  forward(x: Tensor): Tensor;
}
