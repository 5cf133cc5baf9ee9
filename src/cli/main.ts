#!/usr/bin/env node
/** @file The contragrad command as a process. */
import { runCommand } from './command.js';

// Whoever reads our output may have enough of it: `contragrad embed … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
// Nobody need listen to how far a training is.
process.stderr.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), process);
