/** @file The command from its words to its exit status. */
import { CommanderError } from 'commander';
import { ArgumentError, ContragradError } from '../index.js';
import { makeProgram } from './program.js';
import { type Shell, tell } from './shell.js';

/** What is wrong with the call itself, and not with files or numbers: the message begins with the option. */
const isUsage = (error: unknown): boolean => error instanceof ArgumentError && error.op.startsWith('--');

/**
 * Runs the command with the words behind its name.
 *
 * @returns The exit status: 0 done, 1 an error in words, 2 a wrong call, 130 stopped by Ctrl-C.
 */
export async function runCommand(words: readonly string[], shell: Shell): Promise<number> {
  let status = 0;
  try {
    const program = makeProgram(shell, (stopped) => {
      status = stopped;
    });
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (error) {
    // Its message was printed already; help and version are no errors.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tell(shell, `error: ${error instanceof ContragradError ? error.message : String(error)}`);
    return isUsage(error) ? 2 : 1;
  }
}
