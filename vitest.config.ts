/** @file How the tests run. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { skips } from './test/support/skips.js';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    execArgv: ['--expose-gc'],
    reporters: ['default', skips],
    globalSetup: ['test/support/build.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The command runs in processes of its own, which are not counted.
      exclude: ['src/cli/**'],
      reporter: ['text-summary'],
      thresholds: { statements: 90, branches: 85 },
    },
  },
});

export default config;
