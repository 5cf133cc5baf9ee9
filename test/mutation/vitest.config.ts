/** @file How the mutation guard runs: every module with rules is instrumented as it is loaded. */
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { instrument, isTarget } from './mutants.js';

const config: ViteUserConfig = defineConfig({
  plugins: [
    {
      name: 'mutants',
      enforce: 'pre',
      transform: (code, id) => (isTarget(id) ? { code: instrument(id, code).text, map: null } : null),
    },
  ],
  test: { include: ['test/mutation/*.guard.ts'], testTimeout: 1_200_000 },
});

export default config;
