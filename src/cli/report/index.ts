/** @file The report of a run. */
export type { ReportData, ReportInput, ReportRows } from './data.js';
export { reportOf } from './prepare.js';
export { renderReport } from './render.js';
