/** @file What a plan fits: programs see the same, eager and compiled, whatever their arguments and fields become. */
import { describe, expect, test } from 'vitest';
import { programs } from './programs.js';
import { executors, expectSame } from './run-program.js';

describe.each(executors)('on the %s executor in %s', (...executor) => {
  test.each(programs.map((program) => [program.name, program] as const))('%s', (_, { run, refuses }) => {
    if (refuses === undefined) expectSame(run, executor);
    else expect(() => expectSame(run, executor)).toThrow(refuses);
  });
});
