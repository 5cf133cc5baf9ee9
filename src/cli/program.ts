/** @file The commands and their options. */
import { Argument, Command, Option } from 'commander';
import { AUGMENTATIONS } from './augment.js';
import { embed } from './embed.js';
import { evaluate } from './evaluate.js';
import { explain } from './explain.js';
import { LATEST } from './folder.js';
import { packageFile } from './package-file.js';
import {
  checkApplies,
  DEFAULTS,
  type EmbedOptions,
  type EvaluateOptions,
  EXPLAINED,
  type ExplainedLoss,
  type ExplainSettings,
  fraction,
  LOSSES,
  MININGS,
  MISSING,
  nonNegativeNumber,
  OPTIMIZERS,
  positiveNumber,
  SCHEDULES,
  type TrainOptions,
  VIEWS,
  wholeNumber,
  wholeNumbers,
} from './settings.js';
import type { Shell } from './shell.js';
import { train } from './train.js';

const widths = wholeNumbers(',', 'whole numbers with commas between them, for example 64,64');
const sizes = wholeNumbers('x', 'channels x height x width, for example 1x28x28', 3);

/**
 * The program, ready to parse.
 *
 * @param end - Takes the exit status of a command that was stopped.
 */
export function makeProgram(shell: Shell, end: (status: number) => void): Command {
  const program = new Command('contragrad')
    .description('Train tiny encoders with contrastive losses, use them, and see how these losses backpropagate.')
    .version(version(), '-V, --version', 'the version of contragrad')
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({ writeOut: (text) => shell.stdout.write(text), writeErr: (text) => shell.stderr.write(text) })
    .exitOverride();
  addTrain(program.command('train'), shell, end);
  addEvaluate(program.command('evaluate'), shell);
  addEmbed(program.command('embed'), shell);
  addExplain(program.command('explain'), shell);
  for (const command of program.commands) command.allowExcessArguments();
  program.hook('preAction', (_, command) => refuseSurplus(command));
  return program;
}

function version(): string {
  return (JSON.parse(packageFile('package.json')) as { version: string }).version;
}

/** Refuses what follows the last argument, by its name. */
function refuseSurplus(command: Command): void {
  const [surplus] = command.args.slice(command.registeredArguments.length);
  if (surplus === undefined) return;
  const hint = /^\d+$/.test(surplus)
    ? 'numbers of one option have commas between them: --hidden 64,32'
    : 'a name with a space needs quotes: --label "machine state"';
  const message = `error: too many arguments for '${command.name()}': ${JSON.stringify(surplus)} is one too many; ${hint}`;
  command.error(message, { exitCode: 2, code: 'commander.excessArguments' });
}

/** How columns are typed. */
const COLUMN = 'by name or position (0 is the first, -1 the last)';

const choice = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices);

const missing = (otherwise: string): Option =>
  choice('--missing <what>', `drop: rows with an empty cell, NA or null are left out (${otherwise})`, MISSING);

function addTrain(command: Command, shell: Shell, end: (status: number) => void): void {
  command
    .description('train an encoder on rows, or on the built-in synthetic iris strips')
    .argument('[data]', 'CSV, TSV, NPY, IDX (also gzipped) or a folder of images, one folder a class')
    .optionsGroup('Data:')
    .option('--test <file>', 'rows to measure on; without it a fifth of the rows is held out')
    .option('--label <column>', `the label column, ${COLUMN}, or none (default: the last)`)
    .option('--labels <file>', 'the labels of an NPY or IDX file')
    .option('--test-labels <file>', 'the labels of --test')
    .option('--group <column>', 'the column that says whom a row comes from: nobody is in two parts')
    .option(
      '--drop <columns>',
      'columns to leave out, of text for example, with commas between them: --drop "id,taken on"',
    )
    .addOption(missing('default: an error'))
    .option('--image <CxHxW>', 'rows are pixels, for example 1x28x28', sizes)
    .option('--validation <share>', 'a share of the training rows to choose by: the best weights are kept', fraction)
    .optionsGroup('Encoder:')
    .option('--model <file>', 'a JSON list of layers, as nn.fromConfig takes them')
    .option('--hidden <n,…>', 'the widths of the hidden layers', widths, DEFAULTS.hidden)
    .option('--conv <n,…>', 'convolutions of so many channels in front (pictures only)', widths)
    .option('--dim <n>', 'the length of an embedding', wholeNumber(1), DEFAULTS.dim)
    .optionsGroup('Loss:')
    .addOption(choice('--loss <name>', 'what to train with', LOSSES).default(DEFAULTS.loss))
    .option('--margin <m>', 'contrastive (default: 1) and triplet (default: 0.5)', positiveNumber)
    .option('--temperature <t>', 'infonce and supcon (0.1), ntxent (0.5), mi (1)', positiveNumber)
    .addOption(choice('--mining <kind>', 'triplet: which triplets count (default: all)', MININGS))
    .addOption(choice('--views <kind>', 'what a pair is: rows of one class, or two augmented views of a row', VIEWS))
    .option(
      '--augment <list>',
      'random changes of rows, in units of the standardised features, for example noise=0.3,shift=1',
    )
    .option('--batch <n>', 'rows a batch (default: 80; infonce, ntxent: two of each class)', wholeNumber(4))
    .option('--classes <p>', 'contrastive, triplet, supcon: classes a batch (default: 10)', wholeNumber(2))
    .option('--per-class <k>', 'contrastive, triplet, supcon: rows of each class (default: 8)', wholeNumber(2))
    .optionsGroup('Training:')
    .option('--epochs <n>', 'how often the rows are seen', wholeNumber(1), DEFAULTS.epochs)
    .addOption(
      choice('--optimizer <name>', 'what updates the weights; sgd has momentum 0.9', OPTIMIZERS).default(
        DEFAULTS.optimizer,
      ),
    )
    .option('--lr <rate>', 'learning rate', positiveNumber, DEFAULTS.lr)
    .option('--weight-decay <w>', 'pulls weights towards 0 (default: 0; adamw: 0.01)', nonNegativeNumber)
    .addOption(choice('--schedule <name>', 'step: a tenth after each third', SCHEDULES).default(DEFAULTS.schedule))
    .option('--warm-up <epochs>', 'the learning rate grows from 0 at first', nonNegativeNumber)
    .option('--clip <norm>', 'the largest norm of the gradients', positiveNumber)
    .option('--patience <epochs>', 'stop when validation has not improved for so long', wholeNumber(1))
    .option('--seed <n>', 'fixes every random number', wholeNumber(0), DEFAULTS.seed)
    .option(
      '--seeds <n>',
      'so many runs, in a folder each: mean and standard deviation',
      wholeNumber(1),
      DEFAULTS.seeds,
    )
    .option('--device <name>', 'cpu or gpu[:mode]', DEFAULTS.device)
    .option('--eager', 'operation by operation, not compiled')
    .option('--compare <device>', 'afterwards, repeat the first 50 steps on the CPU and on this device')
    .optionsGroup('Output:')
    .option('--out <folder>', 'where weights, checkpoint, figures and report go', LATEST)
    .option('--force', 'replace the run that is in the folder')
    .option('--resume', 'go on with the run that is in the folder, with its settings')
    .option('--checkpoint-every <epochs>', 'default: at the end of an epoch, at most once a second', wholeNumber(1))
    .option('--json', 'print one JSON document')
    .option('--quiet', 'print figures and errors only')
    .addHelpText(
      'after',
      `
Augmentations: ${AUGMENTATIONS}.
Positions of columns count from 0 here; messages about cells count lines and columns from 1.

Examples:
  $ contragrad train flowers.csv --label kind --dim 2 --out runs/flowers
  $ contragrad train digits.csv --test digits-test.csv --loss triplet --validation 0.1 --patience 5 --seeds 5 --out runs/digits
  $ contragrad train train-images-idx3-ubyte.gz --conv 16,32 --loss supcon --schedule cosine --out runs/mnist
  $ contragrad train digits.csv --image 1x8x8 --loss infonce --views augmented --augment shift=1,noise=0.2
  $ contragrad train --resume --out runs/digits`,
    )
    .action(async (data: string | undefined, options: TrainOptions) => {
      end(await train(data, options, (option) => command.getOptionValueSource(option) === 'cli', shell));
    });
}

function addEvaluate(command: Command, shell: Shell): void {
  command
    .description('measure a trained encoder, beside the features as they came')
    .argument('<run>', 'the folder of a run')
    .argument('[data]', 'labelled rows; without it the test rows of the run')
    .option('--label <column>', `the label column, ${COLUMN} (default: as in training)`)
    .option('--drop <columns>', 'columns to leave out, with commas between them, or none (default: as in training)')
    .addOption(missing('default: as in training'))
    .option('--labels <file>', 'the labels of an NPY or IDX file')
    .option('--seed <n>', 'draws the pairs (default: as in training)', wholeNumber(0))
    .option('--device <name>', 'cpu or gpu[:mode]', 'cpu')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  $ contragrad evaluate runs/digits
  $ contragrad evaluate runs/digits other.csv --json`,
    )
    .action(async (folder: string, data: string | undefined, options: EvaluateOptions) => {
      await evaluate(folder, data, options, shell);
    });
}

function addEmbed(command: Command, shell: Shell): void {
  command
    .description('the embeddings of rows, batch by batch')
    .argument('<run>', 'the folder of a run')
    .argument('<data>', 'rows, with or without labels; - reads a table from stdin')
    .option('-o, --output <file>', 'where to: .csv, .npy or .jsonl (default: stdout)')
    .addOption(choice('--format <name>', 'default: by the name of the file; jsonl on stdout', ['csv', 'npy', 'jsonl']))
    .option('--label <column>', `the label column, ${COLUMN}, or none (default: as in training, where it is there)`)
    .option('--labels <file>', 'the labels of an NPY or IDX file')
    .option('--device <name>', 'cpu or gpu[:mode]', 'cpu')
    .addHelpText(
      'after',
      `
Examples:
  $ contragrad embed runs/digits new.csv -o new.npy
  $ contragrad embed runs/digits new.csv --format csv | head
  $ cut -d, -f1-64 new.csv | contragrad embed runs/digits - --label none`,
    )
    .action(async (folder: string, data: string, options: EmbedOptions) => {
      await embed(folder, data, options, shell);
    });
}

function addExplain(command: Command, shell: Shell): void {
  command
    .description('walk through a loss and its backward pass on a small batch, with every number')
    .addArgument(new Argument('<loss>', 'which loss').choices(EXPLAINED))
    .option('--margin <m>', 'contrastive and triplet (default: 1)', positiveNumber)
    .option('--temperature <t>', 'infonce (default: 0.5) and mi (default: 1)', positiveNumber)
    .option('--seed <n>', 'a random batch in place of the built-in one', wholeNumber(0))
    .option('--step', 'on a terminal: wait for Enter after each step')
    .option('--json', 'print one JSON document: batch, trace, gradients, forces')
    .option('--svg <file>', 'also draw the graph')
    .option('--no-color', 'print without colours')
    .action(async (loss: ExplainedLoss, options: Omit<ExplainSettings, 'loss'>) => {
      const settings = { ...options, loss };
      checkApplies(settings);
      await explain(settings, shell);
    });
}
