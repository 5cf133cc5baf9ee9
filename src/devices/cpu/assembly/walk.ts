/**
 * @file Walks up to three operands over one shape: outer positions, each the start of an inner run. The encoder has
 * merged what is contiguous, so most walks have one run.
 */

/** Where the current run starts in each operand. */
export let first: usize = 0;
export let second: usize = 0;
export let third: usize = 0;

// A walk in a program: number of outer axes, length of a run, the steps of the operands in it; then the outer axes, the
// innermost first, each with its size, the position on it, and a step for each operand. Steps count bytes.
const AXES: usize = 20;
const AXIS: usize = 20;

/** Elements in a run. */
@inline
export function lengthOf(walk: usize): i32 {
  return load<i32>(walk, 4);
}

/** How far the elements of an operand lie apart in a run. */
@inline
export function stepOf(walk: usize, operand: i32): i32 {
  return load<i32>(walk + 8 + (<usize>operand << 2));
}

/** Goes to the first run. */
export function begin(walk: usize, a: usize, b: usize, c: usize): void {
  first = a;
  second = b;
  third = c;
}

/** Goes to the next run; false behind the last one, where every position is 0 again. */
export function next(walk: usize): bool {
  return advance(walk + AXES, load<i32>(walk));
}

/** How many runs make a block: the size of the innermost outer axis, 1 where there is none. */
@inline
export function rowsOf(walk: usize): i32 {
  return load<i32>(walk) > 0 ? load<i32>(walk + AXES) : 1;
}

/** How far the runs of a block lie apart in an operand. */
@inline
export function rowStepOf(walk: usize, operand: i32): i32 {
  return load<i32>(walk) > 0 ? load<i32>(walk + AXES + 8 + (<usize>operand << 2)) : 0;
}

/** Goes to the next block, as {@link next} does. */
export function nextBlock(walk: usize): bool {
  const outer = load<i32>(walk);
  return outer > 1 && advance(walk + AXES + AXIS, outer - 1);
}

function advance(axis: usize, outer: i32): bool {
  for (; outer > 0; outer--) {
    const size = load<i32>(axis);
    const position = load<i32>(axis, 4) + 1;
    // Back to the start of the axis where it ends here.
    const moves = position < size ? 1 : 1 - size;
    first += moves * load<i32>(axis, 8);
    second += moves * load<i32>(axis, 12);
    third += moves * load<i32>(axis, 16);
    store<i32>(axis, position < size ? position : 0, 4);
    if (position < size) return true;
    axis += AXIS;
  }
  return false;
}
