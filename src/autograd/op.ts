/**
 * @file How an operation runs: {@link defineOp} ties a rule to the graph, and {@link launch} is the one door to a
 * device's kernels.
 */
import { checkKind, describe, readOptions } from '../checks.js';
import type { Device, KernelName, KernelSpecs, Requirement, Storage } from '../devices/device.js';
import { checkDevice, checkHeld } from '../devices/device.js';
import { allocate, type DType } from '../dtype.js';
import { ArgumentError, type ContragradError, DeviceError, GraphError } from '../errors.js';
import { checkSize, type Shape } from '../shape.js';
import { context, type Origin, within } from './context.js';
import { type AnyRule, type GraphNode, nonDifferentiable, type PullBack, type Rule, Tensor } from './tensor.js';

/** An operation on tensors: call it with its inputs and, where it has any, its attributes. */
export interface Op<Inputs extends readonly Tensor[], Attributes> {
  (inputs: Inputs, ...attributes: Attributes extends undefined ? [] : [attributes: Attributes]): Tensor;
  /** How it is computed, written, and gone back through. */
  readonly rule: Rule<Inputs, Attributes>;
}

/** Throws an {@link ArgumentError} unless a value is a tensor, as plain JavaScript can have it. */
export function checkTensor(op: string, value: unknown, name = 'input 0'): asserts value is Tensor {
  if (Tensor.isTensor(value)) return;
  const isProxy = value instanceof Tensor;
  const got = isProxy ? 'a Proxy of one' : describe(value);
  throw new ArgumentError(op, `${name} must be a tensor, got ${got}`, isProxy ? 'unwrap it' : 'make one by tensor(…)');
}

/** Throws an {@link ArgumentError} unless the inputs of an operation are a list of tensors, `least` of them or more. */
export function checkTensors(op: string, inputs: readonly unknown[], least = 0): asserts inputs is readonly Tensor[] {
  if (!Array.isArray(inputs)) throw new ArgumentError(op, `needs a list of tensors, got ${describe(inputs)}`);
  if (inputs.length < least) throw new ArgumentError(op, 'needs at least one tensor, got none');
  for (let i = 0; i < inputs.length; i++) if (!Tensor.isTensor(inputs[i])) checkTensor(op, inputs[i], `input ${i}`);
}

const RULE = { name: '', formula: '', localDerivative: '', broadcasts: false, forward: undefined, pullBack: undefined };

/** Throws an {@link ArgumentError} unless a rule has what {@link defineOp} needs. */
function checkRule(rule: AnyRule): void {
  readOptions('defineOp', rule ?? null, RULE);
  const { name, formula, localDerivative, forward, pullBack } = rule;
  for (const text of [name, formula].concat(localDerivative)) {
    checkKind('defineOp', 'each of name, formula and localDerivative', text, 'string');
  }
  checkKind('defineOp', 'forward', forward, 'function');
  const pullBacks = Array.isArray(pullBack) && pullBack.length > 0 ? pullBack : [pullBack];
  if (Array.isArray(localDerivative) && localDerivative.length !== pullBacks.length) {
    throw new ArgumentError('defineOp', `needs ${pullBacks.length} local derivatives, got ${localDerivative.length}`);
  }
  for (const one of pullBacks) if (one !== nonDifferentiable) checkKind('defineOp', 'pullBack', one, 'function');
}

let made = 0;

/**
 * Makes an operation out of a rule.
 *
 * `forward` computes the result, in kernels or in other operations; each entry of `pullBack` takes the gradient `g` of
 * the result to that of one input, in differentiable operations, so that higher orders come free. An input without a
 * gradient is marked `'nonDifferentiable'`. Check the rule with {@link gradcheck}.
 *
 * @typeParam Inputs - The tensors that it takes, as a tuple.
 * @param rule - Name, formula, forward, and one pull-back and one line of TeX for each input.
 * @returns The operation, a function of its inputs as an array.
 *
 * @example
 * ```ts
 * import { defineOp, gradcheck, randn, type Tensor } from 'contragrad';
 *
 * const cubeOp = defineOp<readonly [Tensor], undefined>({
 *   name: 'cube',
 *   formula: 'y = x^3',
 *   localDerivative: [String.raw`\bar x \mathrel{+}= 3x^2 \bar y`],
 *   forward: ([x]) => x.mul(x).mul(x),
 *   pullBack: [(g, { inputs: [x] }) => g.mul(x.square().mul(3))],
 * });
 * const cube = (x: Tensor) => cubeOp([x]);
 * gradcheck(cube, [randn([3, 3], { dtype: 'float64' })]);
 * ```
 */
export function defineOp<Inputs extends readonly Tensor[], Attributes = undefined>(
  rule: Rule<Inputs, Attributes>,
): Op<Inputs, Attributes> {
  checkRule(rule as unknown as AnyRule);
  const anyRule = rule as unknown as AnyRule;
  const op = (inputs: Inputs, attributes?: Attributes): Tensor => {
    checkTensors(rule.name, inputs, 1);
    const { anomaly, grad, groups, watcher } = context();
    const forward = (): Tensor => rule.forward(inputs, attributes as Attributes);
    const out = grad ? within(rule.name, { grad: false }, forward) : forward();
    const trace = anomaly || watcher?.lines ? traceOf(rule.name, out, inputs) : null;
    let node: GraphNode | null = null;
    for (let i = 0; grad && node === null && i < inputs.length; i++) {
      if (!inputs[i]!.requiresGrad || pullBackTo(anyRule, i) === null) continue;
      const storages = inputs.map((input) => input.storage);
      node = { rule: anyRule, attributes, groups, sequence: made++, inputs, storages, trace };
    }
    return new Tensor({ storage: out.storage, shape: out.shape, device: out.device, node });
  };
  return Object.assign(op, { rule });
}

/** Whether a tensor holds NaN, wherever it lives. */
export function holdsNaN(x: Tensor): boolean {
  return x.size > 0 && x.dataSync().some(Number.isNaN);
}

/** Where an operation was called; under `detectAnomaly` an error when its result holds NaN. */
function traceOf(name: string, out: Tensor, inputs: readonly Tensor[]): string {
  const lines = new Error().stack?.split('\n').slice(1) ?? [];
  // Frames of the library itself say nothing to its users: the first one is of this file, two folders deep.
  const library = (lines[0] ?? '').replace(/.*[( @]/, '').replace(/[^/\\]*[/\\][^/\\]*$/, '');
  const trace = (lines.find((line) => !line.includes(library)) ?? lines[0] ?? '').trim();
  if (!context().anomaly || !holdsNaN(out)) return trace;
  const given = inputs.findIndex(holdsNaN);
  throw new GraphError(
    name,
    given < 0 ? 'made NaN out of numbers' : `input ${given} holds NaN already`,
    `called ${trace}`,
  );
}

/** The pull-back to one input; null where no gradient flows. */
export function pullBackTo({ pullBack }: AnyRule, index: number): PullBack<readonly Tensor[], unknown> | null {
  if (typeof pullBack === 'function') return (g, call) => pullBack(g, call, index);
  const own = pullBack[index]!;
  return own === nonDifferentiable ? null : own;
}

/** What {@link launch} needs to know of the result. */
export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
  /** The value of each element where the inputs are empty; default 0. */
  readonly empty?: number;
}

/**
 * Runs one kernel on the device where the inputs live. Empty inputs and results are answered here: they never reach
 * a device.
 *
 * @throws {@link DeviceError} when the inputs live on two devices.
 * @throws {@link DTypeError} when the device does not hold the result's type.
 */
export function launch<Name extends KernelName>(
  op: string,
  kernel: Name,
  inputs: readonly Tensor[],
  spec: KernelSpecs[Name],
  { shape, dtype, empty = 0 }: Result,
): Tensor {
  const device = sharedDevice(op, inputs);
  const size = checkSize(op, shape);
  if (size === 0 || inputs.some((input) => input.size === 0)) {
    return place(op, device, dtype, allocate(dtype, size).fill(empty), shape);
  }
  const call = { kernel, inputs: inputs.map((input) => input.storage), spec };
  const storage = device.run(kernel, call.inputs, spec);
  context().recorder?.ran(device, call, storage);
  return new Tensor({ storage, shape, device });
}

/**
 * Asks something of every element, where shapes cannot tell.
 *
 * @param fail - Makes the error, from the first element that does not meet the requirement and its place.
 */
export function requireValues(
  x: Tensor,
  requirement: Requirement,
  fail: (value: number, index: number) => ContragradError,
): void {
  if (x.size === 0) return;
  const { device } = x;
  const call = { kernel: 'check', inputs: [x.storage], spec: { requirement, size: x.size } } as const;
  const status = device.run(call.kernel, call.inputs, call.spec);
  const { recorder } = context();
  recorder?.ran(device, call, status);
  const explain = (index: number, value: number): ContragradError => fail(value, index);
  recorder?.requires(device, status, call.inputs[0], explain);
  device.retain?.(status);
  settle(device, status, call.inputs[0], explain);
  device.release?.(status);
}

/** Throws when a status says that a requirement is not met; on an asynchronous device, the next read does. */
export function settle(
  device: Device,
  status: Storage,
  values: Storage,
  explain: (index: number, value: number) => Error,
): void {
  if (device.expect !== undefined && device.asynchronous) {
    device.expect(status, values, explain);
    return;
  }
  const [index] = device.readSync(status);
  if (index! >= 0) throw explain(index!, device.readSync(values)[index!]!);
}

const constant: Origin = { kind: 'constant' };

/** A new leaf on `device` with a copy of `data`. */
export function place(
  op: string,
  device: Device,
  dtype: DType,
  data: ReturnType<typeof allocate>,
  shape: Shape,
  requiresGrad = false,
  origin: Origin = constant,
): Tensor {
  checkDevice(op, device);
  checkHeld(op, device, dtype);
  const storage = device.upload(data);
  context().recorder?.placed(device, storage, origin);
  return new Tensor({ storage, shape, device, requiresGrad });
}

function sharedDevice(op: string, inputs: readonly Tensor[]): Device {
  const device = inputs[0]!.device;
  const other = inputs.find((input) => input.device !== device);
  if (other !== undefined) {
    const problem = `inputs live on two devices, ${device.name} and ${other.device.name}`;
    throw new DeviceError(op, problem, 'bring them together with to(device)');
  }
  return device;
}
