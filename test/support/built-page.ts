/** @file A page that a user has written, built by Vite and opened in Chromium under a sub-path. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { build, createLogger, preview } from 'vite';
import { newPage, openBrowser } from './chromium.js';
import { problemsOf } from './site.js';

/** Builds the page in a folder, by its `vite.config.mjs` where it has one, opens it and lets it be used; throws where Vite warns or something goes wrong on the page. */
export async function inBuiltPage(folder: string, use: (page: Page) => Promise<void>): Promise<void> {
  const problems: string[] = [];
  const customLogger = createLogger('warn');
  customLogger.warn = (text) => problems.push(text);
  const own = join(folder, 'vite.config.mjs');
  const configFile = existsSync(own) ? own : false;
  // How long plugins took says how busy this machine is, and nothing of the page.
  const rolldownOptions = { checks: { bundlerTimings: false } };
  await build({
    root: folder,
    base: './',
    customLogger,
    logLevel: 'warn',
    configFile,
    build: { rolldownOptions },
    worker: { rolldownOptions },
  });
  const server = await preview({
    root: folder,
    base: '/sub/',
    configFile: false,
    preview: { port: 0, host: '127.0.0.1' },
  });
  const browser = await openBrowser();
  try {
    const url = server.resolvedUrls!.local[0]!;
    const page = await newPage(browser);
    const seen = problemsOf(page, new URL('.', url).href);
    await page.goto(url);
    await use(page);
    problems.push(...seen);
  } finally {
    await browser.close();
    await server.close();
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
