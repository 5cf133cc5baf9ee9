/**
 * @file The tensor, and the node that remembers how it was computed.
 */
import { checkKind, wrong } from '../checks.js';
import type { Device, Storage } from '../devices/device.js';
import { type DType, isFloat, matchDType, type TypedArray } from '../dtype.js';
import { ArgumentError, DTypeError, GraphError } from '../errors.js';
import { formatElements, type NestedArray, nest } from '../format.js';
import { formatShape, matchShape, type Shape, sizeOf } from '../shape.js';
import { context } from './context.js';

/** Marks an input that no gradient flows into: indices, labels, conditions. */
export const nonDifferentiable = 'nonDifferentiable';

/** What a pull-back sees of the call that it goes back through. */
export interface Call<Inputs extends readonly Tensor[], Attributes> {
  /** The result; part of the graph under `createGraph`. */
  readonly out: Tensor;
  /** The inputs, with the values that they had. */
  readonly inputs: Inputs;
  /** The attributes of the call, for example its axes. */
  readonly attributes: Attributes;
}

/** Takes the gradient of the result, `g`, to the gradient of one input, in differentiable operations. */
export type PullBack<Inputs extends readonly Tensor[], Attributes> = (
  g: Tensor,
  call: Call<Inputs, Attributes>,
) => Tensor;

/**
 * One operation: how it is computed, how it is written, and how gradients go back through it.
 */
export interface Rule<Inputs extends readonly Tensor[], Attributes> {
  /** The name of the operation. */
  readonly name: string;
  /** The operation in TeX. */
  readonly formula: string;
  /** For each input, what its gradient gains, in TeX; one line for all inputs where their number varies. */
  readonly localDerivative: { readonly [Index in keyof Inputs]: string } | string;
  /** Whether inputs are stretched to a common shape; their gradients are then summed back centrally. */
  readonly broadcasts?: boolean;
  /** Computes the result. It runs without recording. */
  forward(inputs: Inputs, attributes: Attributes): Tensor;
  /**
   * One pull-back for each input, called only if that input needs a gradient; or, where the number of inputs varies,
   * one function that is told which.
   */
  readonly pullBack:
    | { readonly [Index in keyof Inputs]: PullBack<Inputs, Attributes> | typeof nonDifferentiable }
    | ((g: Tensor, call: Call<Inputs, Attributes>, index: number) => Tensor);
}

/** A rule whose inputs and attributes are not known statically, as the graph holds it. */
export type AnyRule = Rule<readonly Tensor[], unknown>;

/** How a tensor was computed: one step of the graph. */
export interface GraphNode {
  /** The operation. */
  readonly rule: AnyRule;
  /** The attributes of the call. */
  readonly attributes: unknown;
  /** The groups it was made in, outermost first. */
  readonly groups: readonly string[];
  /** Grows with each node made: inputs always have a smaller number than what is computed from them. */
  readonly sequence: number;
  /** The inputs; null once a backward pass has freed the node. */
  inputs: readonly Tensor[] | null;
  /** The inputs' storages at the time of the call: rebinding an input later does not change the past. */
  storages: readonly Storage[];
  /** Where it was called; kept by `detectAnomaly`, and for a trace that wants lines. */
  readonly trace: string | null;
}

/** What a tensor is made from. */
export interface TensorParts {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly device: Device;
  readonly requiresGrad?: boolean;
  readonly node?: GraphNode | null;
}

/** No algorithm that clones takes a function, and V8 says which it was. */
const uncloneable = (): string => 'a tensor loses its graph when cloned: send await t.data() and t.shape';

/**
 * An array of numbers of any rank that remembers how it was computed.
 *
 * Made by {@link tensor} and its siblings, never by `new`. Tensors are not written to: operations return new ones, and
 * parameters are updated by binding them to new numbers ({@link Tensor.assign}).
 */
export class Tensor {
  /** The sizes of the axes; `[]` for a scalar. */
  readonly shape: Shape;
  /** The type of the elements. */
  readonly dtype: DType;
  /** The numbers: a property, so that whoever compares objects by their properties compares numbers. */
  private bound: Storage;
  /** Makes `structuredClone` and `postMessage` throw, and is what they show then. */
  protected readonly uncloneable: () => string = uncloneable;
  readonly #node: GraphNode | null;
  #grad: Tensor | null = null;
  #device: Device;
  #requiresGrad: boolean;
  #everRequiredGrad = false;
  /** Whether it is held by what no scope knows: it was bound to other numbers, or is a gradient. */
  #held = false;
  /** Whether only its leaf holds it, for gradients. */
  #own = false;
  /** What it was freed with. */
  #freed: 'scope' | 'compiled step' | null = null;

  /** @internal */
  constructor({ storage, shape, device, requiresGrad = false, node = null }: TensorParts) {
    this.shape = shape;
    this.dtype = storage.dtype;
    this.bound = storage;
    this.#node = node;
    this.#device = device;
    this.#requiresGrad = node !== null;
    if (requiresGrad) this.requiresGrad = true;
    if (device.retain !== undefined) {
      device.retain(storage);
      for (const past of node?.storages ?? []) device.retain(past);
      context().scope?.owns(this);
    }
    context().recorder?.made(this);
  }

  /**
   * Whether a value is a tensor itself; a Proxy of one is none.
   *
   * @internal
   */
  static isTensor(value: unknown): value is Tensor {
    return typeof value === 'object' && value !== null && #node in value;
  }

  /** Its name to JavaScript, which minifying does not change. */
  get [Symbol.toStringTag](): string {
    return 'Tensor';
  }

  /** How it was computed; null for a leaf. */
  get node(): GraphNode | null {
    return this.#node;
  }

  /** The gradient that `backward()` accumulated here; null before. Only leaves collect one. */
  get grad(): Tensor | null {
    const { recorder } = context();
    if (recorder !== null) return recorder.usesGrad(this, this.#grad);
    // Whoever reads it outside of every scope may keep it.
    const grad = this.#grad;
    if (grad !== null && context().scope === null) grad.#own = false;
    if (grad !== null) grad.bound.settle?.();
    return grad;
  }

  set grad(value: Tensor | null) {
    if (value !== null) this.#checkGradient(value);
    const before = this.#grad;
    const { recorder } = context();
    recorder?.setsGrad(this, () => {
      this.#grad = before;
    });
    this.#grad = value;
    if (value !== null) value.#held = true;
    if (recorder === null && before !== null && before !== value && before.#own) {
      before.#held = false;
      context().scope?.owns(before);
    }
  }

  #checkGradient(value: unknown): void {
    if (!Tensor.isTensor(value)) {
      throw wrong('grad', 'a gradient', 'a tensor or null', value);
    }
    matchDType('grad', 'a gradient', value.dtype, this.dtype);
  }

  /**
   * Adds to the gradient of this leaf.
   *
   * @internal
   */
  accumulate(gradient: Tensor): void {
    this.grad = gradient;
    gradient.#own = true;
  }

  /** The number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Where the numbers live. */
  get device(): Device {
    return this.#device;
  }

  /** The numbers, as the device holds them. */
  get storage(): Storage {
    this.checkLive('storage');
    context().recorder?.uses(this, this.bound);
    this.bound.settle?.();
    return this.bound;
  }

  /**
   * The numbers and the gradient, for a plan that only looks whether they are those that it left there.
   *
   * @internal
   */
  peek(): readonly [Storage, Tensor | null] {
    return [this.bound, this.#grad];
  }

  /**
   * Binds this leaf to numbers that a plan goes on to compute, and to their device.
   *
   * @internal
   */
  bind(storage: Storage, device: Device): void {
    if (device !== this.#device) this.#device.release?.(this.bound);
    [this.bound, this.#device, this.#held] = [storage, device, true];
  }

  /**
   * Whether gradients flow here. Settable on leaves of a float type only.
   */
  get requiresGrad(): boolean {
    return this.#requiresGrad;
  }

  set requiresGrad(value: boolean) {
    checkKind('requiresGrad', 'its value', value, 'boolean');
    if (this.node !== null && !value) {
      throw new GraphError('requiresGrad', 'cannot be switched off on a computed tensor', 'use detach()');
    }
    if (value && !isFloat(this.dtype)) {
      throw new DTypeError('requiresGrad', 'gradients need a float type, got int32', "use cast(x, 'float32')");
    }
    this.#requiresGrad = value;
    this.#everRequiredGrad ||= value;
  }

  /**
   * Whether it is a leaf that gradients flow to, or flowed to before it was frozen: a module's parameter.
   *
   * @internal
   */
  get isTrainable(): boolean {
    return this.node === null && this.#everRequiredGrad;
  }

  /** The same numbers as a leaf of its own: no gradient flows from it to what made this tensor. */
  detach(): Tensor {
    return new Tensor({ storage: this.storage, shape: this.shape, device: this.#device });
  }

  /**
   * Binds this leaf to the numbers of `value`, and to its device. Nothing is written in place: whoever read the old
   * numbers still has them, and a graph recorded before goes back through the values that it saw.
   *
   * @param value - A tensor of the same shape and type; its graph is not taken over.
   * @returns This tensor.
   * @throws {@link GraphError} on a computed tensor.
   * @throws {@link ShapeError}, {@link DTypeError} when `value` does not match.
   */
  assign(value: Tensor): this {
    if (this.node !== null) {
      throw new GraphError(
        'assign',
        `only a leaf can be bound to new numbers, got the result of ${this.node.rule.name}`,
      );
    }
    if (!Tensor.isTensor(value)) throw wrong('assign', 'its value', 'a tensor', value);
    matchShape('assign', 'its value', value.shape, this.shape);
    matchDType('assign', 'its value', value.dtype, this.dtype);
    const [storage, device] = [this.bound, this.#device];
    const { recorder } = context();
    recorder?.rebinds(this, () => {
      this.#device.release?.(this.bound);
      this.bound = storage;
      this.#device = device;
    });
    this.bound = value.storage;
    this.#device = value.#device;
    this.#held = true;
    this.#device.retain?.(this.bound);
    if (recorder === null) device.release?.(storage);
    return this;
  }

  /**
   * A scope that owned it ends: its numbers are freed unless something else holds them.
   *
   * @internal
   */
  leave(): void {
    if (!this.#held && (this.node !== null || !this.#requiresGrad)) this.free('scope');
  }

  /**
   * Frees its numbers: they are not to be used any more.
   *
   * @internal
   */
  free(place: 'scope' | 'compiled step'): void {
    if (this.#freed) return;
    this.forget();
    this.#freed = place;
    this.#device.release?.(this.bound);
  }

  /**
   * Lets go of its graph.
   *
   * @internal
   */
  forget(): void {
    if (this.node === null) return;
    for (const storage of this.node.storages) this.#device.release?.(storage);
    this.node.inputs = null;
    this.node.storages = [];
  }

  /**
   * Throws when its numbers were freed.
   *
   * @internal
   */
  checkLive(op: string): void {
    const place = this.#freed;
    if (place === null) return;
    throw new GraphError(
      op,
      `this tensor was freed with the ${place} that it was made in`,
      `return it from the ${place}`,
    );
  }

  /** A copy of the elements in row-major order, as soon as they are there. Works on every device. */
  async data(): Promise<TypedArray> {
    context().recorder?.reads('data', this.#maker);
    this.checkLive('data');
    return this.#device.read(this.bound);
  }

  /**
   * A copy of the elements in row-major order, at once.
   *
   * @throws {@link DeviceError} on a device that cannot wait: use `await t.data()`.
   */
  dataSync(): TypedArray {
    return this.#readNow('dataSync');
  }

  /**
   * The one element of a tensor of size 1, as a number.
   *
   * @throws {@link ArgumentError} when there are more or fewer elements.
   * @throws {@link DeviceError} on a device that cannot wait: use `await t.data()`.
   */
  item(): number {
    if (this.size !== 1) {
      throw new ArgumentError('item', `needs exactly one element, got ${formatShape(this.shape)}`, 'use toArray()');
    }
    return this.#readNow('item')[0]!;
  }

  /**
   * The elements as nested arrays; a number for a scalar.
   *
   * @throws {@link DeviceError} on a device that cannot wait: use `await t.data()`.
   */
  toArray(): NestedArray {
    return nest(this.#readNow('toArray'), this.shape);
  }

  /**
   * The elements as nested arrays, for `JSON.stringify`.
   *
   * @throws {@link ArgumentError} when one is NaN or infinite, of which JSON would make null.
   * @throws {@link DeviceError} on a device that cannot wait: use `await t.data()`.
   */
  toJSON(): NestedArray {
    const data = this.#readNow('toJSON');
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at >= 0) throw new ArgumentError('toJSON', `JSON has no ${data[at]}, got it at element ${at}`, 'use toArray()');
    return nest(data, this.shape);
  }

  get #maker(): string {
    return this.node?.rule.name ?? 'a leaf';
  }

  #readNow(op: string): TypedArray {
    context().recorder?.reads(op, this.#maker);
    this.checkLive(op);
    return this.#device.readSync(this.bound);
  }

  /** The elements to five digits, a row a line, for example `tensor([1, 2, 4.5])`; long axes are shortened. */
  toString(): string {
    const notes = [
      ...(this.size === 0 ? [`shape: ${formatShape(this.shape)}`] : []),
      ...(this.dtype === 'float32' ? [] : [`dtype: ${this.dtype}`]),
      ...(this.#device.name === 'cpu' ? [] : [`device: ${this.#device.name}`]),
      ...(this.node ? [`op: ${this.node.rule.name}`] : this.#requiresGrad ? ['requiresGrad: true'] : []),
    ];
    return `tensor(${[formatElements(this.#readNow('toString'), this.shape, this.dtype), ...notes].join(', ')})`;
  }
}
