/** @file The report as a page: data put into the page that scripts/report.js builds. */
import { packageFile } from '../package-file.js';
import type { ReportData } from './data.js';

/** Where the page expects the data. */
const PLACE = '<script type="application/json" id="data">null</script>';

/**
 * JSON that can stand in a script element: without `<`, no `</script>` and no comment can begin in it, whatever labels
 * and file names hold.
 */
export function inertJson(value: unknown): string {
  const codes: Readonly<Record<string, string>> = { '<': '\\u003c', '\u2028': '\\u2028', '\u2029': '\\u2029' };
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (letter) => codes[letter]!);
}

/**
 * A report as one self-contained HTML text: it fetches nothing, and runs only its own script.
 *
 * @param template - The page. Default: the one that this package was built with.
 */
export function renderReport(
  report: ReportData,
  template: string = packageFile('dist/cli/report/template.html'),
): string {
  return template.replace(PLACE, () => PLACE.replace('null', () => inertJson(report)));
}
