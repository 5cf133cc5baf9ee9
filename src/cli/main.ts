#!/usr/bin/env node
/** @file The contragrad command. */
import { Argument, Command, Option } from 'commander';
import { ContragradError } from '../index.js';
import { explain } from './explain.js';
import {
  checkApplies,
  type ExplainSettings,
  LOSSES,
  type LossName,
  nonNegativeNumber,
  positiveNumber,
  type Settings,
  wholeNumber,
} from './settings.js';
import { train } from './train.js';

const program = new Command('contragrad')
  .description('Train tiny encoders with contrastive losses, and see how these losses backpropagate.')
  .showHelpAfterError('(add --help for the options)');

program
  .command('train')
  .description('train an encoder on a table, or on the built-in synthetic iris strips')
  .argument('[data]', 'a CSV or TSV file with a label column; without it the built-in set')
  .option('--test <file>', 'rows to measure on; without it a fifth of each class is held out')
  .option('--label <column>', 'the label column, by name or position (default: the last)')
  .addOption(new Option('--loss <name>', 'what to train with').choices(LOSSES).default('contrastive'))
  .option('--dim <n>', 'the length of an embedding', wholeNumber(1), 16)
  .option('--hidden <n>', 'the width of the hidden layer', wholeNumber(1), 64)
  .option('--epochs <n>', 'how often the rows are seen', wholeNumber(1), 40)
  .option('--batch <n>', 'rows a batch (default: 80; infonce: two of each class)', wholeNumber(4))
  .option('--lr <rate>', 'learning rate of Adam', positiveNumber, 3e-3)
  .option('--seed <n>', 'fixes every random number', wholeNumber(0), 0)
  .option('--margin <m>', 'contrastive (default: 1) and triplet (default: 0.5)', positiveNumber)
  .option('--temperature <t>', 'infonce (default: 0.1) and mi (default: 1)', positiveNumber)
  .option('--noise <sd>', 'mi: noise of the two views, in standard deviations (default: 0.3)', nonNegativeNumber)
  .option('--classes <p>', 'contrastive and triplet: classes a batch (default: 10)', wholeNumber(2))
  .option('--per-class <k>', 'contrastive and triplet: rows of each class (default: 8)', wholeNumber(2))
  .option('--device <name>', 'cpu or gpu[:mode]', 'cpu')
  .option('--compare <device>', 'afterwards, repeat the first 50 steps on the CPU and on this device')
  .option('--out <folder>', 'where the weights go', 'runs/latest')
  .action(async (data: string | undefined, settings: Settings) => {
    checkApplies(settings);
    process.exitCode = await train(data, settings);
  });

program
  .command('explain')
  .description('walk through a loss and its backward pass on a small batch, with every number')
  .addArgument(new Argument('<loss>', 'which loss').choices(LOSSES))
  .option('--margin <m>', 'contrastive and triplet (default: 1)', positiveNumber)
  .option('--temperature <t>', 'infonce (default: 0.5) and mi (default: 1)', positiveNumber)
  .option('--seed <n>', 'a random batch in place of the built-in one', wholeNumber(0))
  .option('--step', 'on a terminal: wait for Enter after each step')
  .option('--json', 'print one JSON document: batch, trace, gradients, forces')
  .option('--svg <file>', 'also draw the graph')
  .option('--no-color', 'print without colours')
  .action(async (loss: LossName, options: Omit<ExplainSettings, 'loss'>) => {
    const settings = { ...options, loss };
    checkApplies(settings);
    await explain(settings);
  });

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof ContragradError ? `error: ${error.message}` : `error: ${String(error)}`);
  process.exitCode = 1;
}
