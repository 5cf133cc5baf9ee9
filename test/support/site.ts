/** @file The built site behind a local server, as it is published under a sub-path, and its pages in Chromium. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { built } from './builds.js';
import { newContext, openBrowser } from './chromium.js';

/** Where the site is built. */
export const BUILT = 'docs/.vitepress/dist';

/** The sub-path under which the tests serve the site. */
export const BASE = '/contragrad/';

/** Where the server keeps axe, which is no part of the site: by an address its script is compiled once for all pages. */
export const AXE: string = `${BASE}axe.js`;

/** The built file behind a path of the server. */
export const fileOf = (path: string): string => join(BUILT, path.slice(BASE.length));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/** The site behind a server. */
export interface Site {
  /** The address of its start page, with a slash at the end. */
  readonly url: string;
  close(): void;
}

/** Builds the site where this test run has not yet, and serves it: only what lies under {@link BASE} exists, and axe. */
export async function serveSite(): Promise<Site> {
  await built('docs:site');
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://site');
    const path = fileOf(decodeURI(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
    const found = pathname === AXE || (pathname.startsWith(BASE) && existsSync(path));
    response.statusCode = found ? 200 : 404;
    response.setHeader('content-type', CONTENT_TYPES[found ? extname(path) : '.html'] ?? 'application/octet-stream');
    // Names of assets hold a hash of what is in them: a browser may keep them, and what it has compiled.
    if (found && /\.(js|css|woff2)$/.test(path)) response.setHeader('cache-control', 'max-age=3600');
    response.end(pathname === AXE ? axe.source : readFileSync(found ? path : join(BUILT, '404.html')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${BASE}`,
    close: () => server.close(),
  };
}

/** The site, and a browser to look at it with. */
export interface Opened {
  readonly site: Site;
  readonly browser: Browser;
}

/** The site and a browser, for as long as the tests of a `describe` run. */
export function siteInBrowser(): Opened {
  const open = {} as { site: Site; browser: Browser };
  beforeAll(async () => {
    [open.site, open.browser] = await Promise.all([serveSite(), openBrowser()]);
  });
  afterAll(async () => {
    await open.browser?.close();
    open.site?.close();
  });
  return open;
}

/** Who looks at a page. */
export interface View {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

/** A page, and what went wrong on it until now: it grows while the page is used. */
export interface OpenPage {
  readonly page: Page;
  /** Console errors, uncaught errors, failed requests, and requests that leave the site. */
  readonly problems: readonly string[];
}

/** What goes wrong on a page of the site at `url`; the list grows while the page is used. */
export function problemsOf(page: Page, url: string): readonly string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`));
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  page.on('request', (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(url)) problems.push(`external: ${request.url()}`);
  });
  return problems;
}

/** The tests of a file share a context, and take over one another's page: its scripts are compiled already. */
let shared: Promise<BrowserContext> | undefined;
const idle: Page[] = [];

/** An empty page. */
async function blankPage(browser: Browser, { width, colorScheme }: View): Promise<Page> {
  shared ??= newContext(browser, { reducedMotion: 'reduce' });
  const page = idle.pop() ?? (await (await shared).newPage());
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  return page;
}

/** Closes a page of the site, and forgets what it stored. */
export async function closePage(page: Page): Promise<void> {
  page.removeAllListeners();
  await page.evaluate('localStorage.clear(), sessionStorage.clear()');
  await page.goto('about:blank');
  await page.mouse.move(0, 0);
  idle.push(page);
}

/**
 * Opens a page of the site, by its path without a slash in front (`''` is the start page), and waits until it is alive.
 * {@link closePage} closes it.
 */
export async function openPage({ browser, site: { url } }: Opened, path: string, view: View): Promise<OpenPage> {
  const page = await blankPage(browser, view);
  const problems = problemsOf(page, url);
  await page.goto(url + path);
  // Vue leaves its application on the element that it has brought to life.
  await page.waitForFunction("'__vue_app__' in (document.querySelector('#app') ?? {})");
  return { page, problems };
}
