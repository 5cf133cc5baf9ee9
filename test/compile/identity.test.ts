/** @file What a plan fits: programs see the same, eager and compiled, whatever their arguments, fields and options become. */
import { describe, expect, test } from 'vitest';
import { arrays } from './programs/arrays.js';
import { edges } from './programs/edges.js';
import { fields } from './programs/fields.js';
import { refused } from './programs/refused.js';
import { tensors } from './programs/tensors.js';
import { executors, expectSame } from './run-program.js';

const programs = [...tensors, ...arrays, ...fields, ...edges, ...refused];

describe.each(executors)('on the %s executor in %s', (...executor) => {
  test.each(programs.map((program) => [program.name, program] as const))('%s', (_, { run, refuses }) => {
    if (refuses === undefined) expectSame(run, executor);
    else expect(() => expectSame(run, executor)).toThrow(refuses);
  });
});
