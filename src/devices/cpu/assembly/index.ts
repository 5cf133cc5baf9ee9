/**
 * @file The dispatcher: runs a program, a list of kernel calls written as words in memory by program.ts. A call is its
 * kernel, how many words it takes, the address of its result, those of its inputs, then what its kernel is told; a number
 * in double precision takes two words. What stands behind the first two words is said above each kernel.
 */
import * as code from '../opcodes.ts';
import { check } from './check.ts';
import { map } from './map.ts';
import { matmul, squaredDistance } from './matmul.ts';
import { concat, copyStrided, gather, pad, scatterAdd } from './move.ts';
import { random } from './random.ts';
import { reduce } from './reduce.ts';
import { logSumExp, softmax } from './rows.ts';
import { adam, blend } from './updates.ts';
import { cast, where, zip } from './zip.ts';

/** Runs the calls from `start` to `end`. Returns 0, or the address of a call whose kernel is unknown. */
export function run(start: usize, end: usize): usize {
  for (let at = start; at < end; at += <usize>load<i32>(at, 4) << 2) {
    switch (load<i32>(at)) {
      case code.MAP: map(at); break;
      case code.ZIP: zip(at); break;
      case code.WHERE: where(at); break;
      case code.CAST: cast(at); break;
      case code.REDUCE: reduce(at); break;
      case code.MATMUL: matmul(at); break;
      case code.SQUARED_DISTANCE: squaredDistance(at); break;
      case code.COPY_STRIDED: copyStrided(at); break;
      case code.PAD: pad(at); break;
      case code.CONCAT: concat(at); break;
      case code.GATHER: gather(at); break;
      case code.SCATTER_ADD: scatterAdd(at); break;
      case code.RANDOM: random(at); break;
      case code.CHECK: check(at); break;
      case code.LOG_SUM_EXP: logSumExp(at); break;
      case code.SOFTMAX: softmax(at); break;
      case code.BLEND: blend(at); break;
      case code.ADAM: adam(at); break;
      default: return at;
    }
  }
  return 0;
}
