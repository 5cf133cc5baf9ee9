/** @file Holds an answer's gradients against finite differences, by the engine's own gradcheck. */
import { defineOp, gradcheck } from 'contragrad';
import { short } from './compare.js';
import { Wrong } from './verdict.js';

const LEFT_THE_ENGINE =
  'numbers were taken out of the engine on the way (toArray, item, dataSync, detach). Write all of it in operations of tensors';

/** An operation with the learner's pull-back. */
export function operation(name, forward, pullBack) {
  const op = defineOp({
    name,
    formula: 'y',
    localDerivative: [''],
    forward: ([x]) => forward(x),
    pullBack: [pullBack],
  });
  return (x) => op([x]);
}

/** What gradcheck finds wrong; null when all agrees. */
function faultOf(fn, inputs, options) {
  try {
    gradcheck(fn, inputs, options);
    return null;
  } catch (error) {
    if (error?.op !== 'gradcheck') throw error;
    return error.message
      .replace(/^gradcheck: /, '')
      .replace(/; check the pull-back of this input$/, '')
      .replace(/ \(tolerance .*$/, '')
      .replace(/-?\d+\.\d+(?:e[+-]?\d+)?/g, (number) => short(Number(number)));
  }
}

/** Throws {@link Wrong} where the pull-back of an operation disagrees with differences, in first or second order. */
export function checkPullBack(op, x, name) {
  const first = faultOf(op, [x], { name });
  if (first !== null) throw new Wrong(`finite differences disagree. Of ${first}`);
  const second = faultOf(op, [x], { name, order: 2 });
  if (second !== null) {
    throw new Wrong(`the gradient is right, but the gradient of the gradient is not: ${LEFT_THE_ENGINE}`);
  }
}

/** Throws {@link Wrong} where a pull-back, whose value is right, lets no gradient pass to the gradient that it was given. */
export function checkFlow(pullBack, g, call) {
  if (faultOf((leaf) => pullBack(leaf, call), [g], {}) !== null) {
    throw new Wrong(`the gradient is right, but no gradient flows back to g, which comes in: ${LEFT_THE_ENGINE}`);
  }
}

/** Throws {@link Wrong} where the gradient of a loss, whose value is right, disagrees with differences. */
export function checkLoss(loss, inputs, name) {
  const fault = faultOf(loss, inputs, { name });
  if (fault !== null)
    throw new Wrong(`the loss is right, but its gradient is not: ${LEFT_THE_ENGINE} (gradcheck on ${fault})`);
}
