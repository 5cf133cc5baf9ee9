/** @file Runs a page of ours in the Chromium that is installed, with WebGL2, or with WebGPU too, in software. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build as esbuild } from 'esbuild';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { inject } from 'vitest';

/** Where a Chromium is; undefined where none is installed. */
export const chromiumPath: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => existsSync(path));

/** How long something may take in a page before it counts as hanging: no measure of speed. */
export const PATIENCE = 300_000;

/** A view of the browser that all tests share; what is opened through it is closed with it. */
export function openBrowser(): Promise<Browser> {
  return chromium.connect(inject('chromium')!);
}

/** A context: nothing that another one kept is in it. */
export async function newContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(PATIENCE);
  return context;
}

/** A page in a context of its own. Close its context when done. */
export async function newPage(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  return (await newContext(browser, options)).newPage();
}

/** Gives a page `lose()`: loses every WebGL context and WebGPU device that was opened until then. */
const LOSE = `
  const opened = new Map();
  const { getContext } = HTMLCanvasElement.prototype;
  HTMLCanvasElement.prototype.getContext = function (...args) {
    const context = getContext.apply(this, args);
    const extension = context?.getExtension?.('WEBGL_lose_context');
    if (extension) {
      opened.set(context, () => new Promise((resolve) => {
        this.addEventListener('webglcontextlost', resolve);
        extension.loseContext();
      }));
    }
    return context;
  };
  if (globalThis.GPUAdapter) {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await requestDevice.apply(this, args);
      opened.set(device, () => {
        device.destroy();
        return device.lost;
      });
      return device;
    };
  }
  globalThis.lose = async () => {
    await Promise.all([...opened.values()].map((loseOne) => loseOne()));
    opened.clear();
  };`;

/** How a page is made. */
export interface PageOptions {
  /** Default vite. */
  readonly bundler?: Bundler;
  /** The page's Content-Security-Policy; default none. */
  readonly policy?: string;
}

/** Who bundles and minifies a page's script. */
export type Bundler = 'vite' | 'esbuild';

/** An entry's scripts for production, by their addresses. */
const bundlers: Record<Bundler, (entry: string) => Promise<ReadonlyMap<string, string>>> = {
  async vite(entry) {
    const { output } = (await build({
      configFile: false,
      logLevel: 'error',
      build: {
        write: false,
        modulePreload: false,
        rolldownOptions: { input: entry, output: { entryFileNames: 'page.js' } },
      },
    })) as Rolldown.RolldownOutput;
    return new Map(output.flatMap((part) => (part.type === 'chunk' ? [[`/${part.fileName}`, part.code]] : [])));
  },
  async esbuild(entry) {
    const { outputFiles } = await esbuild({
      entryPoints: { page: entry },
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      outdir: '/',
      write: false,
    });
    return new Map(outputFiles.map(({ path, text }) => [path, text]));
  },
};

const bundles = new Map<string, Promise<ReadonlyMap<string, string>>>();

/** An entry's scripts, bundled once for all pages of a test file. */
function bundleOnce(entry: string, bundler: Bundler): Promise<ReadonlyMap<string, string>> {
  const known = bundles.get(`${bundler} ${entry}`) ?? bundlers[bundler](entry);
  bundles.set(`${bundler} ${entry}`, known);
  return known;
}

/** Bundles an entry for production, opens it in a page of its own and hands the page to `use`; WebGL2 is meant where there is no WebGPU. */
export async function inPage<Result>(
  entry: string,
  backend: 'webgl2' | 'webgpu',
  use: (page: Page) => Promise<Result>,
  { bundler = 'vite', policy }: PageOptions = {},
): Promise<Result> {
  return inServedPage(await bundleOnce(entry, bundler), use, {
    ...(policy !== undefined && { policy }),
    before: backend === 'webgl2' ? `delete Navigator.prototype.gpu;${LOSE}` : LOSE,
  });
}

/** How a page is served. */
export interface ServedOptions {
  /** The page's Content-Security-Policy; default none. */
  readonly policy?: string;
  /** What runs before the page's own scripts. */
  readonly before?: string;
  /** The page; default one of the module `/page.js`. */
  readonly html?: string;
}

/** Serves scripts by their addresses, opens the page that they belong to and hands it to `use`. */
export async function inServedPage<Result>(
  scripts: { get(address: string): string | undefined },
  use: (page: Page) => Promise<Result>,
  { policy, before, html = '<script type="module" src="/page.js"></script>' }: ServedOptions = {},
): Promise<Result> {
  const server = createServer((request, response) => {
    const script = scripts.get(request.url ?? '');
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    if (policy !== undefined) response.setHeader('content-security-policy', policy);
    response.end(script ?? `<!doctype html><link rel="icon" href="data:,">${html}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await openBrowser();
  try {
    const page = await newPage(browser);
    if (before !== undefined) await page.addInitScript(before);
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await use(page);
  } finally {
    await browser.close();
    server.close();
  }
}
