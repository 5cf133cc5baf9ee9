/** @file What a page is held against: accessibility, and the weight of its scripts. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { AXE, BASE, fileOf } from './site.js';

/** Where axe looks, and for what. */
export interface Inspection {
  /** A selector; default the whole page. */
  readonly within?: string;
  /** The rules that are looked at; default all. */
  readonly runOnly?: readonly string[];
}

/** What axe finds wrong, one line a place. It runs from outside of the page, whose own policy may let no script in. */
export async function faultsOf(page: Page, { within, runOnly }: Inspection = {}): Promise<string[]> {
  // A colour that is on its way to another is no colour of the page.
  await page.addStyleTag({ content: '* { transition: none !important }' });
  if (!(await page.evaluate("'axe' in globalThis"))) {
    if (new URL(page.url()).pathname.startsWith(BASE)) await page.addScriptTag({ url: AXE });
    else await page.evaluate(axe.source);
  }
  const options = { resultTypes: ['violations'], ...(runOnly && { runOnly }) };
  return page.evaluate<string[]>(`axe.run(${JSON.stringify(within ?? null)} ?? document, ${JSON.stringify(options)})
    .then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, html }) => id + ' at ' + target.join(' ') + ': ' + html)))`);
}

/** The scripts that a page of the built site has loaded, without its workers', and their bytes by gzip. */
export async function scriptsOf(page: Page): Promise<{ readonly names: readonly string[]; readonly bytes: number }> {
  const loaded = await page.evaluate<string[]>(
    `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((path) => path.endsWith('.js'))`,
  );
  const names = [...new Set(loaded)].filter((path) => path !== AXE);
  return { names, bytes: names.reduce((sum, path) => sum + gzipSync(readFileSync(fileOf(path))).length, 0) };
}
