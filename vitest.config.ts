/** @file How the tests run: four projects by what must be built or started for them, and the depth of the proof. */

import { defineConfig, type TestProjectInlineConfiguration, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { counts } from './test/support/counts.js';
import { environment, isFull } from './test/support/depth.js';

/** What must be there for the tests of a project, by their files; all other tests need the sources alone. */
const NEEDS = {
  /** The built package. */
  dist: [
    'test/cli/{kill,process}.test.ts',
    'test/docs/{examples,generated,not-learning,walkthrough}.test.ts',
    'test/examples/*.test.ts',
    'test/exercises/*.test.ts',
    'test/package/{tarball,typescript}.test.ts',
    'test/{autograd,compile,data,losses}/memory.test.ts',
  ],
  /** A browser. */
  page: ['test/browser/{data,gpu,graph,special,wasm}.test.ts'],
  /** A browser, and the built package. */
  browser: ['test/browser/**/*.test.ts', 'test/package/{bundlers,content-security}.test.ts'],
  /** A browser, and the built site. */
  site: ['test/browser/{lab,lessons,microscope,site,trainer}.test.ts'],
};

const everything = 'test/**/*.test.ts';
const projects: TestProjectInlineConfiguration[] = [
  {
    extends: true,
    // At quick depth its files share a process and the modules that they load; at full depth each has its own.
    test: { name: 'unit', include: [everything], exclude: Object.values(NEEDS).flat(), isolate: isFull },
  },
  ...Object.entries(NEEDS).map(
    ([name, include]): TestProjectInlineConfiguration => ({
      extends: true,
      test: {
        name,
        include,
        exclude: name === 'browser' ? [...NEEDS.page, ...NEEDS.site] : [],
        globalSetup: [
          ...(name === 'page' ? [] : [`test/support/setup/${name === 'site' ? 'site' : 'dist'}.ts`]),
          ...(name === 'dist' ? [] : ['test/support/setup/chromium.ts']),
        ],
        ...((name === 'dist' || name === 'browser') && { setupFiles: ['test/support/setup/await-dist.ts'] }),
      },
    }),
  ),
];

/** Files that take so long that they begin first, or first where something must be built for them: none is then left alone at the end. */
const LONG = ['test/browser/gpu.test.ts', 'test/browser/site.test.ts'];

/** Tests that need nothing go first, while the rest is being built. */
class CheapestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const isLong = LONG.some((path) => moduleId.endsWith(path));
      if (isLong && project.name === 'page') return 0;
      return 2 * projects.findIndex(({ test }) => test?.name === project.name) + (isLong ? 1 : 2);
    };
    return [...(await super.sort(files))].sort((a, b) => rank(a) - rank(b));
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    projects,
    // A limit for what hangs, and no measure of speed: the slowest test takes a tenth of it.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 300_000 } },
    maxWorkers: '100%',
    execArgv: ['--expose-gc'],
    env: environment,
    reporters: ['default', counts],
    sequence: { sequencer: CheapestFirst },
    coverage: {
      enabled: isFull,
      provider: 'v8',
      include: ['src/**/*.ts'],
      // These run in a process of their own, in a browser and as WebAssembly, where nothing counts them.
      exclude: ['src/cli/main.ts', 'src/cli/report/page/**', 'src/devices/cpu/assembly/**'],
      reporter: ['text-summary'],
      thresholds: { statements: 90, branches: 85 },
    },
  },
});

export default config;
