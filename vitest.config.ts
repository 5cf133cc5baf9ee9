/** @file How the tests run. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    execArgv: ['--expose-gc'],
    globalSetup: ['test/support/build.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The command runs in processes of its own, which are not counted.
      exclude: ['src/cli/**'],
      reporter: ['text-summary'],
      thresholds: { statements: 80, branches: 75 },
    },
  },
});

export default config;
