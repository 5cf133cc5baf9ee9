/** @file How the headlessgl tests run: with a gpu.js that has `gl` beside it. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  resolve: { alias: { 'gpu.js': fileURLToPath(new URL('node_modules/gpu.js/src/index.js', import.meta.url)) } },
  test: { include: ['test/headlessgl/*.gl.ts'], testTimeout: 600_000, pool: 'forks' },
});

export default config;
