/**
 * @file The error classes. Every message reads *op: requirement, got actual; hint*, so that it teaches.
 */

/** The stable, machine-readable names of the errors, one for each class. */
export type ErrorCode =
  | 'CONTRAGRAD_SHAPE'
  | 'CONTRAGRAD_DTYPE'
  | 'CONTRAGRAD_ARGUMENT'
  | 'CONTRAGRAD_GRAPH'
  | 'CONTRAGRAD_DEVICE'
  | 'CONTRAGRAD_DATA'
  | 'CONTRAGRAD_COMPILE';

/** No message is longer: who reads it would not. */
const LONGEST = 400;

/** A text and its end, within {@link LONGEST} characters: what is too long is cut, the text first. */
function shortened(text: string, end: string): string {
  const last = end.slice(0, LONGEST / 2);
  const room = LONGEST - last.length;
  return (text.length > room ? `${text.slice(0, room - 1)}…` : text) + last;
}

/**
 * The base of every error that this library throws on purpose.
 *
 * The message is `op: problem; hint`, followed by the groups it happened in, where there are any.
 */
export abstract class ContragradError extends Error {
  /** The stable name of the kind of error, safe to test against. */
  abstract readonly code: ErrorCode;
  /** The name of its class, which minifying does not change. */
  abstract override name: string;
  /** The function that refused, for example `matmul`. */
  readonly op: string;
  readonly #groups: string[] = [];

  /**
   * @param op - The function that refuses.
   * @param problem - What was required, and what it got.
   * @param hint - What to do about it.
   */
  constructor(op: string, problem: string, hint?: string) {
    if ([op, problem, hint ?? ''].some((part) => typeof part !== 'string') || hint === null) {
      throw new ArgumentError('ContragradError', 'needs strings');
    }
    super(shortened(`${op}: ${problem}`, hint === undefined ? '' : `; ${hint}`));
    this.op = op;
  }

  /** Notes that the error left a named group of operations: `… [in encoder > layer 1]`. */
  leaving(group: string): void {
    if (typeof group !== 'string') throw new ArgumentError('ContragradError', 'needs strings');
    this.#groups.unshift(group);
    const known = this.#groups.length > 1 ? this.message.slice(0, this.message.lastIndexOf(' [in ')) : this.message;
    this.message = shortened(known, ` [in ${this.#groups.join(' > ')}]`);
  }
}

/** Shapes that do not fit together, or an axis that a shape does not have. */
export class ShapeError extends ContragradError {
  override name = 'ShapeError';
  readonly code = 'CONTRAGRAD_SHAPE';
}

/** Data types that do not fit together, or one that an operation or a device does not take. */
export class DTypeError extends ContragradError {
  override name = 'DTypeError';
  readonly code = 'CONTRAGRAD_DTYPE';
}

/** An argument whose value is outside what the function accepts. */
export class ArgumentError extends ContragradError {
  override name = 'ArgumentError';
  readonly code = 'CONTRAGRAD_ARGUMENT';
}

/** Something the graph of derivatives cannot do: a second pass through a freed graph, for example. */
export class GraphError extends ContragradError {
  override name = 'GraphError';
  readonly code = 'CONTRAGRAD_GRAPH';
}

/** A device that is missing, that cannot do what was asked, or that is not the one the other operand lives on. */
export class DeviceError extends ContragradError {
  override name = 'DeviceError';
  readonly code = 'CONTRAGRAD_DEVICE';
}

/** A file or data set that cannot be read as what it should be; the message names the place. */
export class DataError extends ContragradError {
  override name = 'DataError';
  readonly code = 'CONTRAGRAD_DATA';
}

/** A step that cannot be recorded. */
export class CompileError extends ContragradError {
  override name = 'CompileError';
  readonly code = 'CONTRAGRAD_COMPILE';
}
