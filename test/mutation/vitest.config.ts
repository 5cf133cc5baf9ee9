/** @file How the mutation guards run: every module with rules, or the code around them, is instrumented as it is loaded. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { instrumentCode, isCodeTarget } from './code-mutants.js';
import { instrument, isTarget } from './mutants.js';

/** The numbers of mutants go on from file to file. */
let numbered = 0;

const config: ViteUserConfig = defineConfig({
  test: {
    testTimeout: 1_200_000,
    hookTimeout: 1_200_000,
    projects: [
      {
        extends: true,
        plugins: [
          {
            name: 'mutants',
            enforce: 'pre',
            transform: (code, id) => (isTarget(id) ? { code: instrument(id, code).text, map: null } : null),
          },
        ],
        test: { name: 'rules', include: ['test/mutation/mutants.guard.ts'] },
      },
      {
        extends: true,
        plugins: [
          {
            name: 'code mutants',
            enforce: 'pre',
            resolveId: (source, importer) =>
              source === 'vitest' && importer?.endsWith('.test.ts')
                ? fileURLToPath(new URL('./code-collector.ts', import.meta.url))
                : null,
            transform(code, id) {
              if (!isCodeTarget(id)) return null;
              const { text, mutants } = instrumentCode(id, code, numbered);
              numbered += mutants.length;
              return { code: text, map: null };
            },
          },
        ],
        // The guard has a depth of its own: all mutants or some of them, each with the random cases of the quick depth.
        test: {
          name: 'code',
          include: ['test/mutation/code.guard.ts'],
          env: { PROOF: 'quick', MUTANTS: process.env.PROOF ?? 'quick' },
        },
      },
    ],
  },
});

export default config;
