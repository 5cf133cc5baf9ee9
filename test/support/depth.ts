/**
 * @file How deeply the tests look: the one place that says how many random cases a property is tried with, and from which seed.
 *
 * `PROOF=quick` (the default) tries few cases from a fixed seed, `PROOF=full` all of them from a fresh one. `PROOF_SEED` gives the seed, `PROOF_PATH`
 * goes straight to the case that failed, and `PROOF_QUICK` is the number of cases in a hundred that the quick depth tries.
 */
import fc from 'fast-check';
import { expect } from 'vitest';

/** The seed of the quick depth. */
const FIXED_SEED = 20261124;

/** The environment of a test process. */
const { PROOF = 'quick', PROOF_SEED, PROOF_PATH, PROOF_QUICK = '3' } = process.env;
if (PROOF !== 'quick' && PROOF !== 'full') throw new Error(`PROOF must be quick or full, got ${PROOF}`);

/** The depth of this run. */
export const isFull: boolean = PROOF === 'full';

/** The seed of this run; the configuration hands the same one to every process. */
export const seed: number = Number(PROOF_SEED ?? (isFull ? Date.now() % 2 ** 31 : FIXED_SEED));
if (!Number.isSafeInteger(seed)) throw new Error(`PROOF_SEED must be a whole number, got ${PROOF_SEED}`);

/** What processes of this run are told of it. */
export const environment: Readonly<Record<string, string>> = { PROOF, PROOF_SEED: String(seed) };

/** Of a hundred random cases, how many the quick depth tries: the fewest with which the mutation guard misses no mutant at ten seeds. */
const QUICK = Number(PROOF_QUICK);

/** How many of `full` random cases the quick depth tries. */
export const quickCases = (full: number): number => Math.ceil((full * QUICK) / 100);

/** How many of `full` random cases this depth tries. */
export const cases = (full: number): number => (isFull ? full : quickCases(full));

/** The line that repeats a failing case. */
function repeat({ seed, counterexamplePath }: { seed: number; counterexamplePath: string | null }): string {
  const { testPath, currentTestName } = expect.getState();
  const file = testPath?.slice(testPath.lastIndexOf('/test/') + 1);
  // The pattern is matched against the titles of the groups and the test, with spaces between them.
  const name = currentTestName?.replaceAll(' > ', ' ').replaceAll(/[^\w ,:;-]/g, '.');
  return `PROOF=${PROOF} PROOF_SEED=${seed} PROOF_PATH=${counterexamplePath} npx vitest run ${file} -t '^${name}$'`;
}

/** Says what failed, and how to see it again. */
function report<Ts>(details: fc.RunDetails<Ts>): void {
  if (!details.failed) return;
  const error = details.errorInstance;
  throw new Error(`${fc.defaultReportMessage(details)}\n\nRepeat it with:\n${repeat(details)}`, { cause: error });
}

/** Tries a property with as many random cases as this depth asks for, of `full`. */
export function assertProperty<Ts>(property: fc.IProperty<Ts>, full?: number): void;
export function assertProperty<Ts>(property: fc.IAsyncProperty<Ts>, full?: number): Promise<void>;
export function assertProperty<Ts>(
  property: fc.IProperty<Ts> | fc.IAsyncProperty<Ts>,
  full = 100,
): void | Promise<void> {
  const parameters = { numRuns: cases(full), seed, ...(PROOF_PATH !== undefined && { path: PROOF_PATH }) };
  const checked = fc.check(property as fc.IAsyncProperty<Ts>, parameters) as
    | fc.RunDetails<Ts>
    | Promise<fc.RunDetails<Ts>>;
  return checked instanceof Promise ? checked.then(report) : report(checked);
}
