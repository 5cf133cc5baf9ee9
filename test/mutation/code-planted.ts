/** @file Code with a condition that does nothing: leaving it out is a mutant that must survive; and a loop that a mutant makes endless. */

/** The absolute value, and how often 2 goes into it. */
export function plantedCode(x: number): [number, number] {
  const size = x < 0 ? -x : x;
  let times = 0;
  for (let rest = size; rest >= 2; rest -= 2) times++;
  return [size, times];
}
