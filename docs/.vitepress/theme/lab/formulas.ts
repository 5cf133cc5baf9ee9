/** @file The losses as formulas with the batch's numbers in them: of the whole batch, and of one pair. */
import { contrastiveFormula, contrastivePair, tripletFormula, tripletPair } from './distance-formulas.js';
import type { Evaluation, PairForce } from './evaluate.js';
import { type Formula, place } from './formula-parts.js';
import { nameOf } from './losses.js';
import { scoreFormula, scorePair } from './score-formulas.js';

/** The loss of the whole batch. */
export function lossFormula(evaluation: Evaluation): Formula {
  if (evaluation.loss === 'contrastive') return contrastiveFormula(evaluation);
  return evaluation.loss === 'triplet' ? tripletFormula(evaluation) : scoreFormula(evaluation);
}

const pairNames = String.raw`{${place('i')}\,${place('j')}}`;

/** What one pair adds to the gradient, and the force that follows. */
export function pairFormula(evaluation: Evaluation, pair: PairForce): Formula {
  const measure = evaluation.quantity === 'distance' ? 'D' : 's';
  const { line, numbers } = (
    evaluation.loss === 'contrastive' ? contrastivePair : evaluation.loss === 'triplet' ? tripletPair : scorePair
  )(evaluation, pair);
  return {
    lines: [
      `${measure}_${pairNames} = ${place('measure')}`,
      String.raw`\frac{\partial L}{\partial ${measure}_${pairNames}} = ${line === '' ? '' : `${line} =`} ${place('slope')}`,
      String.raw`f_{${place('on')}} = -\frac{\partial L}{\partial ${measure}_${pairNames}}\,\frac{\partial ${measure}_${pairNames}}{\partial z_{${place('on')}}} = (${place('x')},\ ${place('y')})`,
    ],
    numbers: {
      ...numbers,
      i: nameOf(pair.on),
      j: nameOf(pair.from),
      on: nameOf(pair.on),
      measure: pair.measure,
      slope: pair.slope,
      x: pair.force[0],
      y: pair.force[1],
    },
  };
}
