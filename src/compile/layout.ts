/** @file Where the values of a plan lie in one memory: what is no longer needed makes room for what comes. */

/** A value that is computed, as the layout sees it. */
export interface Computed {
  readonly inputs: readonly number[];
  readonly out: number;
  /** Whether the result may take the place of an input of the same size: each element depends on its own place only. */
  mayReplace(input: number): boolean;
}

/** Somebody who finds the value in the same place after each run: a parameter, a gradient. */
export interface Home {
  /** The value that is there before the run; null where none is read. */
  readonly before: number | null;
  /** The value that is there afterwards. */
  readonly after: number;
  readonly bytes: number;
}

/** What {@link layOut} is told. */
export interface Demand {
  /** The size of each value in bytes. */
  readonly bytes: readonly number[];
  readonly instructions: readonly Computed[];
  /** Values that come from outside, and stay. */
  readonly given: readonly number[];
  /** Values that are read after the run. */
  readonly kept: readonly number[];
  readonly homes: readonly Home[];
  /** From this instruction on homes may be overwritten. */
  readonly committed: number;
}

/** A layout, in bytes from its start. */
export interface Layout {
  /** The place of each value; undefined for those that nobody asks for. */
  readonly offsets: readonly (number | undefined)[];
  /** The place of each home. */
  readonly homes: readonly number[];
  /** The homes whose value lies elsewhere and must be copied there at the end. */
  readonly copies: readonly number[];
  /** The size of it all. */
  readonly bytes: number;
}

const ALIGNMENT = 16;
/** Processors take a load to depend on a store before it whose address agrees in its last 12 bits, and wait. */
const PAGE = 4096;
/** So arrays that are walked side by side lie at least so far from a whole number of pages apart. */
const SKEW = 640;

/** The room that a value takes. */
function aligned(bytes: number): number {
  const size = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  const over = (size + SKEW) % PAGE;
  return size >= PAGE && over < 2 * SKEW ? size + 2 * SKEW - over : size;
}

/** Free stretches of a memory that grows at its end. */
class Room {
  #free: { start: number; bytes: number }[] = [];
  end: number;

  constructor(start: number) {
    this.end = start;
  }

  /** The smallest stretch that fits, or new room at the end. */
  take(bytes: number): number {
    const fitting = this.#free.filter((stretch) => stretch.bytes >= bytes).sort((p, q) => p.bytes - q.bytes)[0];
    if (fitting === undefined) {
      const start = this.end;
      this.end += bytes;
      return start;
    }
    const { start } = fitting;
    fitting.start += bytes;
    fitting.bytes -= bytes;
    this.#free = this.#free.filter((stretch) => stretch.bytes > 0);
    return start;
  }

  give(start: number, bytes: number): void {
    this.#free.push({ start, bytes });
    this.#free.sort((p, q) => p.start - q.start);
    const merged: { start: number; bytes: number }[] = [];
    for (const stretch of this.#free) {
      const last = merged.at(-1);
      if (last !== undefined && last.start + last.bytes === stretch.start) last.bytes += stretch.bytes;
      else merged.push(stretch);
    }
    this.#free = merged;
  }
}

/** Lays the values of a plan out. */
export function layOut({ bytes, instructions, given, kept, homes, committed }: Demand): Layout {
  const offsets = new Array<number | undefined>(bytes.length);
  const lastUse = new Array<number>(bytes.length).fill(-1);
  instructions.forEach(({ inputs }, i) => {
    for (const input of inputs) lastUse[input] = i;
  });
  for (const value of [...given, ...kept]) lastUse[value] = Number.POSITIVE_INFINITY;

  // What is read after the run, by a result or another home, is not overwritten before that: such a home finds nothing in place.
  const readAfter = new Set(kept);
  let start = 0;
  const homeOffsets = homes.map((home) => {
    const own = start;
    start += aligned(home.bytes);
    // What is found there at the start is read from there.
    if (home.before !== null && !readAfter.has(home.before)) offsets[home.before] = own;
    return own;
  });
  for (const value of given) {
    if (offsets[value] !== undefined) continue;
    offsets[value] = start;
    start += aligned(bytes[value]!);
  }
  /** The uses of values by instructions alone: a home's old value may be overwritten after its last one. */
  const lastRead = new Map<number, number>();
  instructions.forEach(({ inputs }, i) => {
    for (const input of inputs) lastRead.set(input, i);
  });
  const room = new Room(start);
  const settled = new Set<number>();
  const isFixed = new Set(given);

  /** The home that a result may be made in directly. */
  const homeOf = (at: number, { out, mayReplace }: Computed): number => {
    if (at < committed) return -1;
    return homes.findIndex(({ before, after }, home) => {
      if (after !== out || settled.has(home)) return false;
      if (before === null) return true;
      if (readAfter.has(before)) return false;
      const last = lastRead.get(before) ?? -1;
      return last < at || (last === at && mayReplace(before));
    });
  };

  instructions.forEach((instruction, at) => {
    const { inputs, out, mayReplace } = instruction;
    const size = aligned(bytes[out]!);
    const dying = [...new Set(inputs)].filter((input) => lastUse[input] === at && !isFixed.has(input));
    const home = homeOf(at, instruction);
    let replaced = -1;
    if (home >= 0) {
      settled.add(home);
      offsets[out] = homeOffsets[home]!;
      isFixed.add(out);
    } else {
      replaced = dying.find((input) => aligned(bytes[input]!) === size && mayReplace(input)) ?? -1;
      offsets[out] = replaced >= 0 ? offsets[replaced]! : room.take(size);
    }
    for (const input of dying) if (input !== replaced) room.give(offsets[input]!, aligned(bytes[input]!));
    if (lastUse[out] === -1 && home < 0) room.give(offsets[out]!, size);
  });
  return {
    offsets,
    homes: homeOffsets,
    copies: homes.flatMap((_, home) => (settled.has(home) ? [] : [home])),
    bytes: room.end,
  };
}
