/**
 * @file Valid calls of everything public, as text: one or more for each function, constructor, method and setter, and together
 * with every option that it has. `Tensor#softmax` is a method, `nn.Dropout` a constructor.
 */
import { CHECKED_CALLS } from './calls-checked.js';
import { DATA_CALLS } from './calls-data.js';
import { ENGINE_CALLS } from './calls-engine.js';
import { LOSS_CALLS } from './calls-losses.js';
import { OP_CALLS } from './calls-ops.js';

/** Calls by what they cover. */
export type Calls = Readonly<Record<string, readonly string[]>>;

/** Operations whose methods are written out, since their first argument is not the tensor. */
const WRITTEN_OUT = ['concat', 'stack', 'where'];

/** `softmax(x, { axis: 0 })` as `x.softmax({ axis: 0 })`. */
function asMethod(call: string): string {
  const [, name, first, rest] = /^(\w+)\((\w+)(?:, )?(.*)\)$/s.exec(call)!;
  return `${first}.${name}(${rest})`;
}

const methods = Object.entries(OP_CALLS)
  .filter(([name]) => !WRITTEN_OUT.includes(name))
  .map(([name, calls]) => [`Tensor#${name}`, calls.map(asMethod)] as const);

/** All of them. */
export const CALLS: Calls = {
  ...ENGINE_CALLS,
  ...OP_CALLS,
  ...Object.fromEntries(methods),
  ...LOSS_CALLS,
  ...CHECKED_CALLS,
  ...DATA_CALLS,
};
