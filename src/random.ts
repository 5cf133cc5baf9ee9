/**
 * @file The random number generator: counter-based, so that a draw depends on seed and counter alone, and the same
 * numbers come out on every device, eagerly and replayed.
 *
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 */
import { checkWhole, describe, isWhole, readOptions, wrong } from './checks.js';
import { ArgumentError } from './errors.js';

const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24] as const;
const PARITY = 0x1bd11bda;

/** Two random words for a 64-bit counter under a 64-bit key: Threefry-2x32-20. */
export function threefry(key0: number, key1: number, counter0: number, counter1: number): [number, number] {
  const keys = [key0 | 0, key1 | 0, PARITY ^ key0 ^ key1] as const;
  let x = (counter0 + keys[0]) | 0;
  let y = (counter1 + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = ROTATIONS[round % 8]!;
    x = (x + y) | 0;
    y = ((y << rotation) | (y >>> (32 - rotation))) ^ x;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x = (x + keys[injection % 3]!) | 0;
      y = (y + keys[(injection + 1) % 3]! + injection) | 0;
    }
  }
  return [x >>> 0, y >>> 0];
}

/** A generator's whole state: restoring it repeats the numbers. */
export interface GeneratorState {
  /** The key of the stream. */
  readonly seed: number;
  /** How many draws have been made. */
  readonly counter: number;
}

/**
 * A stream of random numbers fixed by its seed.
 *
 * @example
 * ```ts
 * import { Generator } from 'contragrad';
 *
 * const generator = new Generator(7);
 * const first = generator.uniform();
 * generator.state = { seed: 7, counter: 0 };
 * console.log(generator.uniform() === first); // true
 * ```
 */
export class Generator {
  static #made = 0;
  /** Is told before numbers are drawn in JavaScript, and before a state is set. @internal */
  static watch: ((generator: Generator) => void) | null = null;
  /** Grows with each generator made. @internal */
  readonly serial: number = ++Generator.#made;
  #seed = 0;
  #counter = 0;

  /**
   * @param seed - A whole number from 0 to 2⁵³ - 1; default 0.
   * @throws {@link ArgumentError} for any other value.
   */
  constructor(seed = 0) {
    this.state = { seed, counter: 0 };
  }

  /** Seed and number of draws; assign it to go back to that moment. */
  get state(): GeneratorState {
    return { seed: this.#seed, counter: this.#counter };
  }

  set state(state: GeneratorState) {
    Generator.watch?.(this);
    this.#go(state);
  }

  #go(state: GeneratorState): void {
    const { seed, counter } = readOptions('Generator', state, { seed: Number.NaN, counter: Number.NaN });
    for (const [name, value] of Object.entries({ seed, counter })) {
      if (!isWhole(value, 0)) {
        throw wrong('Generator', `${name}`, 'a whole number from 0 to 2^53 - 1', value);
      }
    }
    this.#seed = seed;
    this.#counter = counter;
  }

  /** Throws an {@link ArgumentError} unless a value is a generator. @internal */
  static check(op: string, value: unknown): asserts value is Generator {
    if (typeof value === 'object' && value !== null && #seed in value) return;
    throw new ArgumentError(op, `generator must be a Generator, got ${describe(value)}`, 'pass new Generator(seed)');
  }

  /** Passes over a number of draws. */
  skip(draws: number): void {
    checkWhole('Generator.skip', 'draws', draws, 0);
    this.#go({ seed: this.#seed, counter: this.#counter + draws });
  }

  /** Two independent words of 32 bits: one draw. */
  bits(): [number, number] {
    Generator.watch?.(this);
    const counter = this.#counter++;
    return threefry(this.#seed, this.#seed / 2 ** 32, counter, counter / 2 ** 32);
  }

  /** A number uniform in [0, 1), a multiple of 2⁻²⁴, hence exact in `float32` and equal on every device. */
  uniform(): number {
    return (this.bits()[0] >>> 8) * 2 ** -24;
  }

  /** A standard normal number, by Box and Muller's transform of one draw. */
  normal(): number {
    const [p, q] = this.bits();
    return Math.sqrt(-2 * Math.log((p + 1) * 2 ** -32)) * Math.cos(2 * Math.PI * q * 2 ** -32);
  }

  /** A whole number uniform in [0, bound), for a bound up to 2³². */
  integer(bound: number): number {
    if (!isWhole(bound, 1) || bound > 2 ** 32) {
      throw wrong('Generator.integer', 'bound', 'a whole number from 1 to 2^32', bound);
    }
    return Math.floor((this.bits()[0] * bound) / 2 ** 32);
  }

  /** The numbers 0 … length - 1 in random order (Fisher and Yates). */
  permutation(length: number): number[] {
    if (!isWhole(length, 0) || length > 2 ** 28) {
      const got = describe(length);
      throw new ArgumentError('Generator.permutation', `length must be a whole number from 0 to 2^28, got ${got}`);
    }
    const order = Array.from({ length }, (_, index) => index);
    for (let last = length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const kept = order[last]!;
      order[last] = order[other]!;
      order[other] = kept;
    }
    return order;
  }
}
