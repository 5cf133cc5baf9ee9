/**
 * @file The dispatcher: runs a program, a list of kernel calls written as words in memory. Each call is its kernel, how many words
 * it takes, the address of its result, those of its inputs, then what its kernel is told.
 */
import * as code from '../opcodes.ts';
import { map } from './map.ts';
import { matmul, squaredDistance } from './matmul.ts';
import { zip } from './zip.ts';

/** Runs the calls from `start` to `end`. Returns 0, or the address of a call whose kernel is unknown. */
export function run(start: usize, end: usize): usize {
  for (let at = start; at < end; at += <usize>load<i32>(at, 4) << 2) {
    switch (load<i32>(at)) {
      case code.MAP: map(at); break;
      case code.ZIP: zip(at); break;
      case code.MATMUL: matmul(at); break;
      case code.SQUARED_DISTANCE: squaredDistance(at); break;
      default: return at;
    }
  }
  return 0;
}
