/** @file The checker checked: planted mistakes are found, right rules are left alone. */
import { expect, test } from 'vitest';
import { ArgumentError, GraphError, gradcheck, tensor } from '../../src/index.js';
import { opProperties } from '../../src/testing/index.js';
import { seed } from '../support/depth.js';
import { type Described, functionOf, plantedRules, rightRules } from './planted-rules.js';

/** What gradcheck says against a rule; null when it finds nothing. */
function verdict(described: Described): string | null {
  const x = tensor([...described.x], { dtype: 'float64' });
  try {
    gradcheck((leaf) => functionOf(described)(leaf!), [x], { order: described.order });
    return null;
  } catch (error) {
    // That everything lies at kinks is no verdict on the rule.
    if (error instanceof ArgumentError && error.message.includes('lie at kinks')) return null;
    if (error instanceof GraphError) return error.message;
    throw error;
  }
}

const show = (described: Described): string =>
  JSON.stringify(described, (_, v) => (Number.isFinite(v) || typeof v !== 'number' ? v : String(v)));

test('of 200 planted mistakes at least 99 % are found, in functions of size 1e-6 to 1e6', () => {
  const rules = plantedRules(200, seed);
  const missed = rules.filter((rule) => verdict(rule) === null);
  console.log(`gradcheck: ${rules.length - missed.length} of ${rules.length} planted mistakes found`);
  for (const rule of missed) console.log(`MISSED ${show(rule)}`);
  expect(missed.length).toBeLessThanOrEqual(2);
});

test('500 right rules give no false alarm: near kinks, beside large offsets, at tiny and at huge inputs', () => {
  const alarms = rightRules(500, seed).flatMap((rule) => {
    const found = verdict(rule);
    return found === null ? [] : [`${show(rule)}: ${found}`];
  });
  expect(alarms).toEqual([]);
});

test('in float32 right rules agree with those in float64, as documented', () => {
  const rules = rightRules(500, seed).filter((_, i) => i % 5 === 0);
  for (const rule of rules) {
    opProperties.float32((x) => functionOf(rule)(x!), [tensor([...rule.x], { dtype: 'float64' })], {
      name: show(rule),
    });
  }
  expect(rules).toHaveLength(100);
});
