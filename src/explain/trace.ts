/** @file The backward pass as plain data: each operation that it visits, its rule and numbers, and what flows on. */
import { grad } from '../autograd/backward.js';
import { context, within } from '../autograd/context.js';
import { ones } from '../autograd/create.js';
import { checkTensor } from '../autograd/op.js';
import { Tensor } from '../autograd/tensor.js';
import { checkKind, readOptions, wrong } from '../checks.js';
import { ArgumentError, GraphError } from '../errors.js';
import { isPlainObject } from '../leaves.js';
import { formatShape, type Shape } from '../shape.js';

/** Elements as nested arrays, a number for a scalar; what JSON cannot hold as a number is named. */
export type Numbers = number | 'NaN' | 'Infinity' | '-Infinity' | readonly Numbers[];

/** One tensor of the graph: an input or a constant, or the result of an operation. */
export interface TraceTensor {
  /** Its place in {@link Trace.tensors}. */
  readonly id: number;
  /** Its name among the option `names`; else the operation that made it, or `input` or `constant`. */
  readonly name: string;
  /** The operation that made it; null for an input or a constant. */
  readonly op: string | null;
  /** The groups it was made in, outermost first, for example `distance`. */
  readonly groups: readonly string[];
  /** The operation in TeX; null for an input or a constant. */
  readonly formula: string | null;
  /** What the operation was told besides its inputs, for example its axes. */
  readonly attributes: unknown;
  /** The tensors that it was computed from. */
  readonly inputs: readonly number[];
  /** The sizes of its axes. */
  readonly shape: Shape;
  /** The type of its elements. */
  readonly dtype: string;
  /** Its elements; null above `maxElements`. */
  readonly value: Numbers | null;
  /** The derivative of the loss with respect to it, all contributions added; null where none flows or above `maxElements`. */
  readonly gradient: Numbers | null;
  /** Where the operation was called, with the option `lines`; else null. */
  readonly line: string | null;
}

/** What an operation passes on to one of its inputs. */
export interface TraceFlow {
  /** The input. */
  readonly to: number;
  /** Which of the operation's inputs that is: 0 for the first. */
  readonly input: number;
  /** The rule, in TeX. */
  readonly localDerivative: string;
  /** What is passed on: this use's part of the input's gradient; null above `maxElements`. */
  readonly gradient: Numbers | null;
  /** The input's gradient so far, this part included; null above `maxElements`. */
  readonly total: Numbers | null;
}

/** The visit to one result: its gradient is complete, and goes back through the operation that made it. */
export interface TraceStep {
  /** The result. */
  readonly tensor: number;
  /** One entry for each input that a gradient flows to. */
  readonly flows: readonly TraceFlow[];
}

/** A backward pass, as plain data that JSON holds. */
export interface Trace {
  /** The version of this layout. */
  readonly version: 1;
  /** The loss among {@link Trace.tensors}. */
  readonly loss: number;
  /** Every tensor of the graph, each after those that it was computed from; inputs with names come first. */
  readonly tensors: readonly TraceTensor[];
  /** The visits, in the order in which the engine makes them. */
  readonly steps: readonly TraceStep[];
  /**
   * Whether the function ran a backward pass of its own, as a gradient penalty does. Such a pass has no steps here; with
   * `createGraph` what it computed is part of the graph, as the operations that its rules are made of.
   */
  readonly hasInnerPass: boolean;
}

/** Options of {@link trace}. */
export interface TraceOptions {
  /** Names for tensors, such as `{ anchor, positive }`. */
  readonly names?: Readonly<Record<string, Tensor>>;
  /** Whether to note the line of code that called each operation. Default false. */
  readonly lines?: boolean;
  /** Tensors of more elements are listed without their numbers. Default 4096. */
  readonly maxElements?: number;
}

/**
 * Runs a forward and a backward pass and writes down what the engine did: the rules are those that compute, the numbers
 * those that were computed, the order that of the visits. No `grad` changes. Passes that `makeLoss` itself runs are left
 * out, which {@link Trace.hasInnerPass} tells; trace them by a call of their own.
 *
 * @param makeLoss - Computes a scalar from tensors with `requiresGrad`. Called once.
 * @returns Plain data: `JSON.stringify` keeps all of it.
 * @throws `ArgumentError` when `makeLoss` returns no tensor.
 * @throws `GraphError` when the result is no scalar, does not depend on a tensor with `requiresGrad`, or a pass inside
 *   `makeLoss` freed its graph.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const { tensors, steps } = trace(() => x.mul(x), { names: { x } });
 * const { name, value, gradient } = tensors[0]!;
 * console.log(name, value, gradient); // x 3 6
 * const totals = steps[0]!.flows.map(({ total }) => total);
 * console.log(totals); // [ 3, 6 ]
 * ```
 */
export function trace(makeLoss: () => Tensor, options?: TraceOptions): Trace {
  checkKind('trace', 'its callback', makeLoss, 'function');
  const { names, lines, maxElements } = readOptions('trace', options, {
    names: {},
    lines: false,
    maxElements: 4096,
  });
  checkNames(names);
  if (!(maxElements >= 0)) throw new ArgumentError('trace', `maxElements must be 0 or more, got ${maxElements}`);
  const numbers = (x: Tensor): Numbers | null => (x.size > maxElements ? null : plain(x.toArray()));
  const flows = new Map<object, (Omit<TraceFlow, 'to' | 'localDerivative'> & { to: Tensor })[]>();
  const visits: Tensor[] = [];
  let hasInnerPass = false;
  let isInside = true;
  const watcher = {
    lines,
    flowed(from: Tensor, input: number, gradient: Tensor, total: Tensor): void {
      hasInnerPass ||= isInside;
      if (isInside) return;
      if (!flows.has(from)) {
        flows.set(from, []);
        visits.push(from);
      }
      const to = from.node!.inputs![input]!;
      flows.get(from)!.push({ to, input, gradient: numbers(gradient), total: numbers(total) });
    },
  };
  if (!context().grad) throw new GraphError('trace', 'cannot run under noGrad');
  return within('trace', { watcher }, () => {
    const loss = makeLoss();
    isInside = false;
    checkTensor('trace', loss, 'what its callback returns');
    const graph = tensorsBehind(loss, Object.values(names));
    grad(
      loss,
      graph.filter(({ node, requiresGrad }) => node === null && requiresGrad),
      { retainGraph: true },
    );

    const ids = new Map(graph.map((x, id) => [x, id]));
    const totals = new Map<Tensor, Numbers | null>([[loss, plain(ones(loss.shape).toArray())]]);
    for (const visit of visits) for (const { to, total } of flows.get(visit)!) totals.set(to, total);
    const given = new Map(Object.entries(names).map(([name, x]) => [x, name]));
    return {
      version: 1,
      loss: ids.get(loss)!,
      tensors: graph.map((x, id) => ({
        id,
        name: given.get(x) ?? x.node?.rule.name ?? (x.requiresGrad ? 'input' : 'constant'),
        op: x.node?.rule.name ?? null,
        groups: x.node?.groups ?? [],
        formula: x.node?.rule.formula ?? null,
        attributes: plainAttributes(x.node?.attributes),
        inputs: x.node?.inputs?.map((input) => ids.get(input)!) ?? [],
        shape: x.shape,
        dtype: x.dtype,
        value: numbers(x),
        gradient: totals.get(x) ?? null,
        line: x.node?.trace ?? null,
      })),
      steps: visits.map((visit) => ({
        tensor: ids.get(visit)!,
        flows: flows.get(visit)!.map(({ to, input, ...numbers }) => ({
          to: ids.get(to)!,
          input,
          localDerivative: localDerivative(visit, input),
          ...numbers,
        })),
      })),
      hasInnerPass,
    };
  });
}

/** Throws an {@link ArgumentError} unless names are a plain object of tensors. */
function checkNames(names: object): void {
  if (typeof names !== 'object' || names === null || !isPlainObject(names)) {
    throw wrong('trace', 'names', 'a plain object of tensors', names);
  }
  for (const [name, x] of Object.entries(names)) checkTensor('trace', x, name);
}

/** Everything that a loss was computed from: named leaves, other leaves as they are first used, then results by age. */
function tensorsBehind(loss: Tensor, named: readonly Tensor[]): Tensor[] {
  const seen = new Set<Tensor>([loss]);
  for (const x of seen) for (const input of x.node?.inputs ?? []) seen.add(input);
  const results = [...seen].filter(({ node }) => node !== null);
  results.sort((p, q) => p.node!.sequence - q.node!.sequence);
  const used = [...named.filter((x) => seen.has(x)), ...results.flatMap(({ node }) => node!.inputs ?? []), loss];
  return [...new Set([...used.filter(({ node }) => node === null), ...results])];
}

function localDerivative({ node }: Tensor, input: number): string {
  const { localDerivative: lines } = node!.rule;
  return typeof lines === 'string' ? lines : lines[input]!;
}

function plain(value: unknown): Numbers {
  if (Array.isArray(value)) return value.map(plain);
  const number = value as number;
  // JSON has no -0.
  return Number.isFinite(number) ? number + 0 : (String(number) as Numbers);
}

/** Attributes as JSON has them; in words what it has not. `around` are the objects that this one is part of. */
function plainAttributes(value: unknown, around: readonly unknown[] = []): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return plain(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value !== 'object') return typeof value === 'symbol' ? String(value) : value;
  if (value instanceof Tensor) return `a tensor ${formatShape(value.shape)}`;
  if (around.includes(value)) return 'an object around this one';
  const within = [...around, value];
  if (Array.isArray(value)) return value.map((element) => plainAttributes(element, within));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as Uint8Array, (element) => plainAttributes(element));
  }
  const kind: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  if (typeof kind === 'string' && kind !== 'Object') return `an object of ${kind}`;
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, plainAttributes(part, within)]));
}
