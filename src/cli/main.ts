#!/usr/bin/env node
/** @file The contragrad command. Exit status: 0 done, 1 an error in words, 2 a wrong call, 130 stopped by Ctrl-C. */
import { CommanderError } from 'commander';
import { ArgumentError, ContragradError } from '../index.js';
import { makeProgram } from './program.js';

// Whoever reads our output may have enough of it: `contragrad embed … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

/** What is wrong with the call itself, and not with files or numbers: the message begins with the option. */
const isUsage = (error: unknown): boolean => error instanceof ArgumentError && error.op.startsWith('--');

try {
  await makeProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Its message was printed already; help and version are no errors.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    console.error(`error: ${error instanceof ContragradError ? error.message : String(error)}`);
    process.exitCode = isUsage(error) ? 2 : 1;
  }
}
