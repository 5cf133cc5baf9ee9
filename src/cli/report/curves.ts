/** @file The course of a training and the ROC curve, in as many points as can be seen. */
import { metrics } from '../../index.js';
import type { Absent, History, HistoryEntry, ReportData, RocView } from './data.js';
import { rounded } from './projection.js';

const MOST_ENTRIES = 2000;
const MOST_ROC_POINTS = 200;

const finite = (value: number | null | undefined): number | null =>
  value !== null && value !== undefined && Number.isFinite(value) ? value : null;

/** The mean of what is finite. */
function meanOf(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => finite(value) !== null) as number[];
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The history with what is not finite as null; neighbours are averaged where there are too many. */
export function courseOf(history: History): ReportData['history'] | Absent {
  const { entries } = history;
  if (entries.length === 0) return { absent: 'Nothing was recorded during the training.' };
  const notes: string[] = [];
  const bad = entries.filter(({ loss }) => finite(loss) === null).length;
  if (bad > 0)
    notes.push(`The training loss was not finite in ${bad} of ${entries.length} records: the line has a gap there.`);
  const bin = Math.ceil(entries.length / MOST_ENTRIES);
  if (bin > 1) notes.push(`Each point is the mean of ${bin} of ${entries.length.toLocaleString('en')} records.`);
  const course: HistoryEntry[] = [];
  for (let start = 0; start < entries.length; start += bin) {
    const part = entries.slice(start, start + bin);
    course.push({
      epoch: part.at(-1)!.epoch,
      loss: meanOf(part.map(({ loss }) => loss)),
      ...(part.some(({ validationLoss }) => validationLoss !== undefined) && {
        validationLoss: meanOf(part.map(({ validationLoss }) => validationLoss)),
      }),
      ...(part.some(({ validationFigure }) => validationFigure !== undefined) && {
        validationFigure: meanOf(part.map(({ validationFigure }) => validationFigure)),
      }),
    });
  }
  return {
    entries: course,
    ...(history.figure !== undefined && { figure: history.figure }),
    ...(history.kept !== undefined && { kept: history.kept }),
    note: notes.join(' '),
  };
}

/** A ROC curve with its area and equal error rate. */
export function rocView(scores: readonly number[], same: readonly number[]): RocView {
  const { falseAccepts, trueAccepts } = metrics.rocCurve(scores, same);
  const view = { falseAccepts: [] as number[], trueAccepts: [] as number[] };
  const last = falseAccepts.length - 1;
  let walked = Number.NEGATIVE_INFINITY;
  for (let at = 0; at <= last; at++) {
    const way = falseAccepts[at]! + trueAccepts[at]!;
    // The curve is 2 long: up and to the right.
    if (at < last && way - walked < 2 / MOST_ROC_POINTS) continue;
    walked = way;
    view.falseAccepts.push(rounded(falseAccepts[at]!));
    view.trueAccepts.push(rounded(trueAccepts[at]!));
  }
  return { ...view, area: metrics.rocAuc(scores, same), equalError: metrics.equalErrorRate(scores, same).rate };
}
