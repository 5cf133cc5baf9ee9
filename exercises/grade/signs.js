/** @file The signs of JavaScript mean nothing between tensors, and give NaN or a wrong branch silently: here they speak. */
import { Tensor } from 'contragrad';
import { placeOf, Wrong } from './verdict.js';

/** What to write in place of the signs. */
export const NO_SIGNS =
  'the signs + - * / ** < <= > >= and Math do not work on tensors. Write a.add(b), a.sub(b), a.mul(b), a.div(b), a.square(); ' +
  'a.lessEqual(b) compares element by element, and a.where(condition, b) chooses';

/** Calls a function, and throws {@link Wrong} as soon as a sign in it takes a tensor for a number. */
export function withoutSigns(fn) {
  Object.defineProperty(Tensor.prototype, Symbol.toPrimitive, { configurable: true, value: asPrimitive });
  try {
    return fn();
  } finally {
    delete Tensor.prototype[Symbol.toPrimitive];
  }
}

/** A template or a message may print a tensor; a sign may not reckon with it. */
function asPrimitive(hint) {
  if (hint === 'string') return this.toString();
  throw new Wrong(`a tensor is used as a number${placeOf(new Error())}: ${NO_SIGNS}`);
}
