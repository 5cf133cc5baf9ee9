/** @file Prints every skipped test by name, one a line, so that none goes unseen. */
import type { Reporter, TestCase } from 'vitest/node';

/** A reporter that says nothing unless a test was skipped. */
export const skips: Reporter = {
  onTestCaseResult(test: TestCase) {
    const { state } = test.result();
    if (state === 'skipped') console.log(`SKIPPED ${test.module.relativeModuleId}: ${test.fullName}`);
  },
};
