/** @file What a row of the tables of hints is, and how it is tried. */
import { ContragradError } from '../../../src/errors.js';
import { type Call, run } from '../../support/command.js';

/** A program that gets a hint, and one that does what it says. */
export interface Followed {
  /** Ends in the error with the hint. */
  readonly wrong: () => unknown;
  /** Ends well; checks what came of it where that says more. */
  readonly right: () => unknown;
}

/** A hint that no test of one process can follow or provoke, and why. */
export interface NotFollowed {
  readonly why: string;
  /** Checks of its parts. */
  readonly right?: () => unknown;
}

export type Case = Followed | NotFollowed;

/** Cases by file of the sources, and by hint as {@link collectHints} has it; several where a file writes a hint several times. */
export type Hints = Readonly<Record<string, Readonly<Record<string, Case | readonly Case[]>>>>;

/** The cases of a row. */
export const casesOf = (row: Case | readonly Case[]): readonly Case[] => (Array.isArray(row) ? row : [row as Case]);

/** A text that stands for what only a call knows. */
const ANY = '[^]*';

/** Whether a message has a hint. */
export function holds(message: string, hint: string): boolean {
  const parts = hint.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`; ${ANY}${parts.join(ANY)}|^error: [^]*; ${parts.join(ANY)}`).test(message);
}

/** What a command printed as it failed. */
export class Refused extends Error {}

/** Runs the command; its result is what it printed. */
export async function command(words: readonly string[], call?: Call): Promise<string> {
  const { status, out, err } = await run(words, call);
  if (status !== 0) throw new Refused(err);
  return out;
}

/** The message that a program ends in; null where it ends well. */
export async function messageOf(program: () => unknown): Promise<string | null> {
  try {
    await program();
    return null;
  } catch (error) {
    if (error instanceof ContragradError || error instanceof Refused) return error.message;
    throw error;
  }
}
