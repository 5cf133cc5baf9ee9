/** @file The train command: from rows to encoders, their figures, weights and reports. */

import { rowShape } from '../data/index.js';
import { ArgumentError, cpu } from '../index.js';
import { architectureOf, describeLayers } from './architecture.js';
import { augmentationOf } from './augment.js';
import { openDevice } from './device.js';
import { RunFolder } from './folder.js';
import { listenForStop } from './interrupt.js';
import { type FigureSummary, figureLines, summaryOf } from './printing.js';
import { reportPage } from './reporting.js';
import { metricOf, type Plan, type Result, rawFigures, run } from './run.js';
import { checkFile, checkTogether, settingsOf, type TrainOptions } from './settings.js';
import { print, type Shell, tell } from './shell.js';
import { loadRows } from './sources.js';
import { resumed, storedSettings } from './stored.js';
import { Training } from './training.js';

const COMPARED_STEPS = 50;

/** Whether an option was given, and is no default. */
export type Given = (option: keyof TrainOptions) => boolean;

/** Runs the command; returns the exit status. */
export async function train(
  data: string | undefined,
  asked: TrainOptions,
  given: Given,
  shell: Shell,
): Promise<number> {
  const top = new RunFolder(asked.out);
  const { path, options } = asked.resume ? await goingOn(top, data, asked, given) : { path: data, options: asked };
  checkFile(path, options);
  checkTogether(options, given);
  await top.claim(options);
  try {
    return await trainInto(top, path, options, shell);
  } catch (error) {
    await top.removeEmpty();
    throw error;
  }
}

async function trainInto(
  top: RunFolder,
  path: string | undefined,
  options: TrainOptions,
  shell: Shell,
): Promise<number> {
  const settings = settingsOf(options);
  const say = (line: string): void => {
    if (!options.json && !options.quiet) print(shell, line);
  };

  const augment = augmentationOf(settings);
  const rows = await loadRows(path, settings);
  const architecture = await architectureOf(settings, rowShape(rows.train));
  const device = await openDevice(settings.device);
  const stop = listenForStop();
  const plan: Plan = {
    path,
    options,
    settings,
    rows,
    architecture,
    metric: metricOf(settings),
    augment,
    device,
    shell,
    isStopped: () => stop.signal !== null,
  };
  say(`data      ${rows.description}`);
  for (const warning of rows.warnings) tell(shell, `warning: ${warning}`);
  const layers = describeLayers(architecture, rowShape(rows.train));
  say(`encoder   ${layers}, ${settings.loss} loss, ${settings.optimizer} ${settings.lr}`);

  const results: Result[] = [];
  const raw = rawFigures(rows.test, settings);
  const summarize = (list: readonly Result[]): readonly FigureSummary[] => summaryOf(list, raw, rows.test.probes.count);
  try {
    for (let i = 0; i < settings.seeds && stop.signal === null; i++) {
      const seed = settings.seed + i;
      const folder = settings.seeds === 1 ? top : new RunFolder(top.file(`seed-${seed}`));
      await folder.make();
      const result = await run(plan, seed, folder);
      results.push(result);
      say(trained(result));
      // At once: a later seed may diverge.
      await folder.write('report.html', reportPage(plan, layers, summarize([result]), result));
    }
  } finally {
    stop.dispose();
  }

  const summary = summarize(results);
  if (settings.seeds > 1) await top.write('report.html', reportPage(plan, layers, summary, results[0]!));
  if (options.json) {
    print(shell, JSON.stringify(documentOf(plan, results, summary, stop.signal !== null)));
  } else {
    for (const line of figureLines(summary, results)) print(shell, line);
    if (options.compare !== undefined && stop.signal === null) say(await compared(plan, options.compare));
    say(`device    ${device.name}`);
    say(`weights   ${settings.seeds === 1 ? top.file('model.safetensors') : top.file('seed-*/model.safetensors')}`);
    say(`report    ${top.file('report.html')}`);
  }
  return stop.exitCode;
}

/** What a run that goes on was begun with; what is asked for, where it never began. */
async function goingOn(
  top: RunFolder,
  data: string | undefined,
  options: TrainOptions,
  given: Given,
): Promise<{ path: string | undefined; options: TrainOptions }> {
  const first = (await top.has('config.json')) ? top : new RunFolder(top.file(`seed-${options.seed}`));
  if (!(await first.has('config.json'))) return { path: data, options };
  const hint = 'only what contragrad train began goes on';
  return resumed(data, options, storedSettings(await first.config(), first.file('config.json'), hint), given);
}

function trained({ training, outcome, seed }: Result): string {
  const { lines, kept, seconds } = outcome;
  const loss = lines.at(-1)?.loss.toFixed(4) ?? '-';
  const best = kept === null || kept === 0 ? '' : `, kept the weights of epoch ${kept}`;
  return `trained   ${training.step} of ${training.steps} steps, loss ${loss}${best}, seed ${seed}, ${seconds.toFixed(1)} s`;
}

/** What `--json` prints. */
function documentOf(
  plan: Plan,
  results: readonly Result[],
  figures: readonly FigureSummary[],
  isStopped: boolean,
): unknown {
  const { path, options, rows, metric, device } = plan;
  return {
    out: options.out,
    data: path ?? null,
    description: rows.description,
    metric,
    device: device.name,
    isStopped,
    figures,
    runs: results.map(({ seed, folder, training, outcome, figures: own, diagnosis }) => ({
      seed,
      folder: folder.path,
      steps: training.step,
      epochs: outcome.lines.length,
      kept: outcome.kept,
      loss: outcome.lines.at(-1)?.loss ?? null,
      seconds: outcome.seconds,
      figures: own,
      diagnosis: diagnosis?.verdict ?? null,
    })),
  };
}

/** The same first steps on the CPU and on another device, side by side. */
async function compared(plan: Plan, name: string): Promise<string> {
  const device = await openDevice(name);
  const { rows, architecture, settings, augment } = plan;
  const losses: number[][] = [];
  for (const where of [cpu, device]) {
    const training = new Training({
      data: rows.train,
      architecture,
      settings: { ...settings, eager: true },
      seed: settings.seed,
      augment,
      device: where,
    });
    const run: number[] = [];
    for (let step = 0; step < COMPARED_STEPS; step++) run.push(await training.next());
    losses.push(run);
  }
  const [here, there] = losses as [number[], number[]];
  const apart = Math.max(...here.map((loss, i) => Math.abs(loss - there[i]!) / Math.abs(loss)));
  if (Number.isNaN(apart)) throw new ArgumentError('--compare', 'a loss is not finite', 'try a smaller --lr');
  const last = COMPARED_STEPS - 1;
  return (
    `compared  ${COMPARED_STEPS} steps on ${device.name}: loss ${there[last]!.toFixed(5)}, on the CPU ${here[last]!.toFixed(5)}, ` +
    `never further apart than ${(100 * apart).toPrecision(2)} %`
  );
}
