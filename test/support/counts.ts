/** @file What a run prints of itself: how deeply it looks, every skipped test by name, and how many tests passed. */
import type { Reporter, TestCase } from 'vitest/node';
import { environment } from './depth.js';

let ended = { passed: 0, failed: 0, skipped: 0 };
/** Whether tests are chosen by name: then those that are not are no news. */
let isFiltered = false;

/** A reporter beside the usual one. */
export const counts: Reporter = {
  onInit({ config }) {
    isFiltered = config.testNamePattern !== undefined;
    const { PROOF, PROOF_SEED } = environment;
    console.log(`Depth of the proof: PROOF=${PROOF} PROOF_SEED=${PROOF_SEED}`);
  },
  onTestRunStart() {
    // Under watch one run follows another.
    ended = { passed: 0, failed: 0, skipped: 0 };
  },
  onTestCaseResult(test: TestCase) {
    const { state } = test.result();
    if (state !== 'pending') ended[state]++;
    if (state === 'skipped' && !isFiltered) console.log(`SKIPPED ${test.module.relativeModuleId}: ${test.fullName}`);
  },
  onTestRunEnd() {
    const { passed, failed, skipped } = ended;
    console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  },
};
