/** @file What a diagnosis says of many situations is what a good teacher would. */
import { describe, expect, test } from 'vitest';
import { situations } from './situations.js';

describe('a diagnosis', () => {
  test('is tried on enough situations, each under a name of its own', () => {
    expect(new Set(situations.map(({ name }) => name)).size).toBe(situations.length);
    expect(situations.length).toBeGreaterThanOrEqual(40);
  });

  test.each(situations.map((situation) => [situation.name, situation] as const))(
    '%s',
    (_, { make, verdict, says, never = [] }) => {
      const { findings, verdict: text } = make();
      expect([findings[0]?.kind ?? 'well', text]).toEqual([verdict, expect.stringMatching(says)]);
      for (const { kind, message } of findings) {
        expect(never).not.toContain(kind);
        // Every finding names a figure.
        expect(message).toMatch(/\d|NaN|[Aa]ll rows/);
      }
    },
  );
});
