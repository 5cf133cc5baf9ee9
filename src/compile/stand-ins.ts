/**
 * @file What a step is given while it is recorded: stand-ins, which tell its arguments from the same tensors and arrays where it
 * holds them, and the numbers that it looks at from those that go into a tensor.
 */
import { Tensor } from '../autograd/tensor.js';
import { CompileError } from '../errors.js';
import { entriesOf, isNumbers, type Path } from './arguments.js';

/** Something among the arguments of the call that is recorded. */
export interface Argument {
  readonly value: object;
  readonly path: Path;
}

/** The arguments of a call, with stand-ins for what its plan finds by its path. */
export interface StandIns {
  readonly args: readonly unknown[];
  /** What each stand-in stands for. */
  readonly behind: ReadonlyMap<object, Argument>;
  /** Tensors and objects of classes that are passed as they are. */
  readonly opaque: readonly Argument[];
}

/**
 * Makes stand-ins for tensors, for arrays of numbers, and for the arrays and plain objects around them. Objects of other
 * classes, among them parameters, are passed as they are.
 *
 * @param themselves - Tensors that are passed as they are.
 * @param looks - Is told when the numbers of an array are looked at.
 */
export function makeStandIns(
  args: readonly unknown[],
  themselves: ReadonlySet<unknown>,
  looks: (array: Argument) => void,
): StandIns {
  const known = new Map<object, unknown>();
  const behind = new Map<object, Argument>();
  const opaque: Argument[] = [];

  const standInFor = (argument: Argument): object | null => {
    const { value, path } = argument;
    if (Tensor.isTensor(value)) {
      if (themselves.has(value) || Object.getPrototypeOf(value) !== Tensor.prototype) return null;
      const { storage, shape, device, requiresGrad } = value;
      const twin = new Tensor({ storage, shape, device, requiresGrad });
      twin.grad = value.peek()[1];
      return twin;
    }
    const write = (): never => {
      throw new CompileError(
        'compile',
        `the step writes into argument ${path.join('.')}, which no replay would do`,
        'return what it computes',
      );
    };
    const readOnly = { set: write, defineProperty: write, deleteProperty: write };
    if (isNumbers(value)) {
      const isPlain = Array.isArray(value);
      const get = (array: object, key: PropertyKey): unknown => {
        const found: unknown = Reflect.get(array, key);
        if (key === 'length' || key === 'constructor') return found;
        // The methods of a plain array come back here for every element; those of a typed array work on itself only.
        if (!isPlain || Object.hasOwn(array, key)) looks(argument);
        return isPlain || typeof found !== 'function' ? found : found.bind(array);
      };
      return new Proxy(value, { ...readOnly, get });
    }
    const entries = entriesOf(value);
    if (entries === null) return null;
    const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value) ? [] : {};
    const standIn = new Proxy(copy, readOnly);
    known.set(value, standIn);
    let isNeeded = false;
    for (const [name, item] of entries) {
      const given = pass(item, [...path, name]);
      Object.defineProperty(copy, name, { value: given, enumerable: true });
      isNeeded ||= given !== item;
    }
    return isNeeded ? standIn : null;
  };

  const pass = (value: unknown, path: Path): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (known.has(value)) return known.get(value);
    const argument = { value, path };
    const standIn = standInFor(argument);
    known.set(value, standIn ?? value);
    if (standIn !== null) behind.set(standIn, argument);
    else if (entriesOf(value) === null) opaque.push(argument);
    return standIn ?? value;
  };

  return { args: args.map((arg, i) => pass(arg, [i])), behind, opaque };
}
