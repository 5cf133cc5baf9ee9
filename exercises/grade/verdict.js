/** @file What can be said of an answer: it passes, it is still blank, or this is wrong with it. */

/** What a gap throws until it is written. */
const GAP = 'write me';

/** Ends a check: something is wrong, and the message says what. */
export class Wrong extends Error {
  name = 'Wrong';
}

/** Ends a check: what has been written holds so far, and the message says what is left. */
export class Unfinished extends Error {
  name = 'Unfinished';
}

/** Whether an error is that of a gap that nobody has written yet. */
export const isGap = (error) => error instanceof Error && error.message === GAP;

/**
 * Grades an answer.
 *
 * @param exercise - Its `check` throws where the answer does not hold.
 * @param answer - What the exercise's file exports.
 * @returns `status` (`'passed'`, `'blank'` or `'wrong'`), and `feedback`, which is empty when it passed.
 */
export function grade({ check }, answer) {
  try {
    check(answer);
    return { status: 'passed', feedback: '' };
  } catch (error) {
    if (isGap(error)) return { status: 'blank', feedback: belowGap(answer) };
    if (error instanceof Unfinished) {
      return { status: 'blank', feedback: [error.message, belowGap(answer)].filter((text) => text !== '').join('. ') };
    }
    if (error instanceof Wrong) return { status: 'wrong', feedback: error.message };
    return { status: 'wrong', feedback: `your code throws ${describe(error)}` };
  }
}

/** What to say where an answer stands below the line of the gap, which is never reached; else nothing. */
function belowGap(answer) {
  const functions = [answer, answer?.rule?.forward, ...[answer?.rule?.pullBack].flat()];
  const code = functions.map((fn) => String(fn).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));
  return code.some((text) => /throw new Error\((['"`])write me\1\)\s*;?\s*[^\s;}]/.test(text))
    ? "your code stands below throw new Error('write me'), and is never reached: remove that line"
    : '';
}

/** An error in one line, with the place in the learner's file where there is one. */
export function describe(error) {
  return error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
}

/** Where in the learner's file an error arose: " (exercises/01-tanh.js, line 17)"; nothing where it did not. */
export function placeOf(error) {
  const place = /(exercises[/\\](?:solutions[/\\])?\d\d-[\w-]+\.js)(?:\?[^:\s]*)?:(\d+)/.exec(error.stack ?? '');
  return place === null ? '' : ` (${place[1]}, line ${place[2]})`;
}
