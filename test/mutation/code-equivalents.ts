/** @file Mutants of code that is no rule which no input can tell from it, each with its proof; by file, place, original and mutated text. */

/** The proofs. */
export const EQUIVALENT: Record<string, string> = {};
