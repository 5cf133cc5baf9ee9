/** @file A rule with a term that does nothing: turning its sign around is a mutant that must survive, and be seen to. */
import { add, defineOp, mul, type Op, type Tensor } from '../../src/index.js';

export const plantedOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: 'planted',
  formula: 'y = 2x',
  localDerivative: [String.raw`\bar x \mathrel{+}= 2 \bar y`],
  forward: ([x]) => mul(x, 2),
  pullBack: [(g) => add(mul(g, 2), mul(g, 0))],
});
