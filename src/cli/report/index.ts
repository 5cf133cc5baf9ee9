/** @file The report of a run. */
export type { Fact, Figure, History, HistoryEntry, ReportData, ReportInput, ReportRows } from './data.js';
export { reportOf } from './prepare.js';
export { renderReport } from './render.js';
