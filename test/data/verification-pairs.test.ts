/** @file The pairs that a verification is measured on. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verificationPairs } from '../../src/data/index.js';
import { Generator } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

/** How many pairs there are of each kind. */
function available(labels: Int32Array): { genuine: number; impostors: number } {
  const count = { genuine: 0, impostors: 0 };
  labels.forEach((p, i) => {
    for (const q of labels.subarray(0, i)) {
      if (p >= 0 && q >= 0) count[p === q ? 'genuine' : 'impostors']++;
    }
  });
  return count;
}

test('as many pairs of each kind as asked for, none twice, the same ones from the same seed', () => {
  const all = fc
    .array(fc.integer({ min: -1, max: 3 }), { minLength: 3, maxLength: 24 })
    .map((list) => Int32Array.from(list))
    .filter((labels) => Math.min(...Object.values(available(labels))) > 0);
  assertProperty(
    fc.property(all, fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (labels, seed, share) => {
      const count = available(labels);
      const [genuine, impostors] = [count.genuine, count.impostors].map((n) => Math.max(1, Math.round(n * share)));
      const draw = () =>
        verificationPairs(labels, { genuine: genuine!, impostors: impostors!, generator: new Generator(seed) });
      const { a, b, same } = draw();
      expect([a.length, b.length]).toEqual([genuine! + impostors!, genuine! + impostors!]);
      expect(new Set(a.map((p, i) => [p, b[i]!].sort((x, y) => x - y).join())).size).toBe(a.length);
      a.forEach((p, i) => {
        expect([p === b[i], Math.min(labels[p]!, labels[b[i]!]!) < 0]).toEqual([false, false]);
        expect(same[i]).toBe(labels[p] === labels[b[i]!] ? 1 : 0);
        expect(same[i]).toBe(i < genuine! ? 1 : 0);
      });
      expect(draw()).toEqual({ a, b, same });
    }),
    500,
  );
});

test('every genuine pair is as likely as the next, whatever the size of its class', () => {
  // One pair in the first class, three in the second.
  const labels = Int32Array.of(0, 0, 1, 1, 1);
  const seen = new Map<string, number>();
  const generator = new Generator(0);
  for (let i = 0; i < 4000; i++) {
    const { a, b } = verificationPairs(labels, { genuine: 1, impostors: 1, generator });
    const pair = [a[0]!, b[0]!].sort().join();
    seen.set(pair, (seen.get(pair) ?? 0) + 1);
  }
  expect([...seen.keys()].sort()).toEqual(['0,1', '2,3', '2,4', '3,4']);
  for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

test('more pairs than there are is an error that says how many there are', () => {
  const labels = Int32Array.of(0, 0, 1, -1);
  const ask = (genuine: number, impostors: number) => () =>
    verificationPairs(labels, { genuine, impostors, generator: new Generator(0) });
  expect(ask(2, 1)).toThrow('verificationPairs: genuine must be a whole number from 1 to the 1 such pairs');
  expect(ask(1, 3)).toThrow('impostors must be a whole number from 1 to the 2 such pairs that there are, got 3');
  expect(ask(0, 1)).toThrow('got 0');
  expect(ask(1, 1.5)).toThrow('got 1.5');
});
