/** @file What the report of a run is made from. */
import type { Dataset } from '../data/index.js';
import { rowShape } from '../data/index.js';
import type { Points } from './figures.js';
import type { FigureSummary } from './printing.js';
import type { Fact, ReportRows } from './report/data.js';
import { renderReport, reportOf } from './report/index.js';
import type { Plan, Result } from './run.js';
import { DEFAULTS, flagOf } from './settings.js';
import { isLabelled } from './sources.js';

/** A word as a shell takes it back. */
const quote = (word: string): string => (/^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command line that makes a run again: all that is no default of it. */
function commandOf({ path, options }: Plan): string {
  const words = ['contragrad', 'train', ...(path === undefined ? [] : [path])];
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || value === false || ['resume', 'force', 'json', 'quiet'].includes(option)) continue;
    if (JSON.stringify(value) === JSON.stringify(DEFAULTS[option as keyof typeof DEFAULTS])) continue;
    words.push(flagOf(option));
    if (Array.isArray(value)) words.push(value.join(option === 'image' ? 'x' : ','));
    else if (value !== true) words.push(String(value));
  }
  return words.map(quote).join(' ');
}

function rowsOf(raw: Dataset, { points }: Points): ReportRows {
  return {
    count: raw.count,
    embeddings: points,
    features: raw.features,
    ...(isLabelled(raw) && { labels: raw.labels }),
    ...(raw.sampleNames && { sampleNames: raw.sampleNames }),
  };
}

/** The page of a run. */
export function reportPage(plan: Plan, layers: string, figures: readonly FigureSummary[], result: Result): string {
  const { rows, settings, metric, device, shell } = plan;
  const { outcome, training } = result;
  const facts: Fact[] = [
    { name: 'data', value: rows.description },
    { name: 'encoder', value: layers },
    { name: 'loss', value: settings.loss },
    { name: 'trained', value: `${training.step} of ${training.steps} steps in ${outcome.seconds.toFixed(1)} s` },
    { name: 'compared by', value: metric === 'cosine' ? 'cosine similarity' : 'Euclidean distance' },
    { name: 'device', value: device.name },
  ];
  const shape = rowShape(rows.train);
  const { featureNames } = rows.train;
  return renderReport(
    reportOf({
      title: `${settings.loss}, ${plan.path ?? 'synthetic iris strips'}`,
      command: commandOf(plan),
      facts,
      figures: figures.map(({ name, values, raw, format, note }) => ({ name, values, raw, format, note })),
      settings: Object.entries({ ...settings, seed: result.seed }).map(([name, value]) => ({
        name,
        value: String(value),
      })),
      classes: rows.train.classes,
      ...(result.diagnosis && { diagnosis: result.diagnosis }),
      history: {
        entries: outcome.lines.map(({ epoch, loss, validationLoss, validationAccuracy }) => ({
          epoch,
          loss,
          ...(validationLoss !== undefined && { validationLoss }),
          ...(validationAccuracy !== undefined && { validationFigure: validationAccuracy }),
        })),
        figure: '3-NN accuracy',
        ...(outcome.kept !== null && outcome.kept > 0 && { kept: outcome.kept }),
      },
      metric,
      tested: rowsOf(rows.test.probes, result.tested),
      gallery: rowsOf(rows.test.gallery, result.gallery),
      ...(shape.length > 1 && { shape }),
      ...(featureNames && { featureNames }),
      seed: settings.seed,
    }),
    shell.reportTemplate,
  );
}
