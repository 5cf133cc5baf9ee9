/** @file Before the tests of pages: one Chromium for all of them, with WebGL2 and WebGPU in software. */
import { type BrowserServer, chromium } from 'playwright-core';
import type { TestProject } from 'vitest/node';
import { chromiumPath } from '../chromium.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser of this run listens; null where none is installed. */
    chromium: string | null;
  }
}

/** Offline and in software, WebGL2 and WebGPU as well; pages are drawn without them, which takes less of the processor. */
const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--disable-gpu-compositing',
  '--disable-gpu-rasterization',
  // A kernel that one page has compiled is compiled for the next one too: half of the work of WebGL2 in software.
  '--enable-angle-features=preferGlobalPipelineCache',
  '--disable-angle-features=warmUpPipelineCacheAtLink',
];

/** Projects load this file each for itself, and share what it starts. */
const shared = globalThis as { contragradChromium?: Promise<BrowserServer> | undefined };

export default async function start(project: TestProject): Promise<() => Promise<void>> {
  if (chromiumPath !== undefined) {
    shared.contragradChromium ??= chromium.launchServer({ executablePath: chromiumPath, args: FLAGS });
  }
  const server = await shared.contragradChromium;
  project.provide('chromium', server?.wsEndpoint() ?? null);
  return async () => {
    shared.contragradChromium = undefined;
    await server?.close();
  };
}
