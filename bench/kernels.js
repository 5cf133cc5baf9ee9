/**
 * @file The WebAssembly kernels beside the plain loops, in turns; the best of many runs each. After `npm run build`:
 * `node bench/kernels.js`.
 */
import * as elementwise from '../dist/devices/cpu/elementwise.js';
import * as layout from '../dist/devices/cpu/layout.js';
import * as products from '../dist/devices/cpu/matmul.js';
import { RESERVED } from '../dist/devices/cpu/opcodes.js';
import { encode } from '../dist/devices/cpu/program.js';
import * as reductions from '../dist/devices/cpu/reduce.js';
import { openWasm } from '../dist/devices/cpu/wasm.js';

const loops = { ...elementwise, ...layout, ...products, ...reductions };

/** The shortest of some times that two functions take, in ns, one after the other, after 0.2 s each. */
function race(...contestants) {
  for (const run of contestants) for (const start = performance.now(); performance.now() - start < 200; ) run();
  const best = contestants.map(() => Number.POSITIVE_INFINITY);
  for (const start = performance.now(), end = start + 600; performance.now() < end; ) {
    contestants.forEach((run, i) => {
      const before = performance.now();
      run();
      best[i] = Math.min(best[i], (performance.now() - before) * 1e6);
    });
  }
  return best;
}

/** Times of one kernel, in the module and as plain loops. */
function times(kernel, spec, sizes, outSize) {
  const inputs = sizes.map((size) => Float32Array.from({ length: size }, Math.random));
  const bytes = RESERVED + 4 * (sizes.reduce((sum, size) => sum + size, 0) + outSize) + 2 ** 20;
  const wasm = openWasm({ pages: Math.ceil(bytes / 65536) });
  let end = RESERVED;
  const addresses = inputs.map((input) => {
    new Float32Array(wasm.memory.buffer).set(input, end / 4);
    end += 4 * input.length;
    return end - 4 * input.length;
  });
  const words = encode(kernel, spec, { inputs: addresses, out: end, dtypes: inputs.map(() => 'float32'), scratch: 0 });
  // Short calls many times over, in one program.
  const calls = Math.max(1, Math.min(1000, Math.floor(1e5 / outSize)));
  const start = end + 4 * outSize;
  new Int32Array(wasm.memory.buffer).set(new Array(calls).fill(words).flat(), start / 4);
  const [compiled, plain] = race(
    () => wasm.run(start, start + 4 * calls * words.length),
    () => loops[kernel](inputs, spec),
  );
  return [compiled / calls, plain];
}

const figure = (x) => x.toFixed(2).padStart(8);

console.log('matmul, GFLOP/s        AB      ABᵀ      AᵀB   plain loops: AB      ABᵀ      AᵀB');
const squares = [8, 16, 32, 64, 128, 256, 512, 1024].map((n) => [n, n, n]);
for (const [m, k, n] of [...squares, [32, 2, 16], [64, 64, 128], [256, 784, 256]]) {
  const results = [
    [false, false],
    [false, true],
    [true, false],
  ].map(([transposeA, transposeB]) => {
    const spec = { batch: 1, m, k, n, transposeA, transposeB };
    return times('matmul', spec, [m * k, k * n], m * n).map((time) => (2 * m * k * n) / time);
  });
  const [compiled, plain] = [0, 1].map((i) => results.map((result) => figure(result[i])).join(' '));
  console.log(`${`${m} x ${k} x ${n}`.padEnd(15)}${compiled}         ${plain}`);
}

console.log('\n4,096 elements, ns an element: compiled, plain loops');
const size = 4096;
for (const op of ['relu', 'exp', 'log', 'tanh', 'sigmoid', 'softplus', 'erf']) {
  const [compiled, plain] = times('map', { op, size }, [size], size);
  console.log(`${op.padEnd(15)}${figure(compiled / size)} ${figure(plain / size)}`);
}
for (const [title, kernel, spec, sizes, outSize] of [
  ['add', 'zip', { op: 'add', shape: [size], strides: [[1], [1]] }, [size, size], size],
  [
    'add a row',
    'zip',
    {
      op: 'add',
      shape: [64, 64],
      strides: [
        [64, 1],
        [0, 1],
      ],
    },
    [size, 64],
    size,
  ],
  [
    'add a column',
    'zip',
    {
      op: 'add',
      shape: [64, 64],
      strides: [
        [64, 1],
        [1, 0],
      ],
    },
    [size, 64],
    size,
  ],
  ['sum of rows', 'reduce', { op: 'sum', outer: 64, length: 64, inner: 1 }, [size], 64],
  ['sum of columns', 'reduce', { op: 'sum', outer: 1, length: 64, inner: 64 }, [size], 64],
  ['softmax', 'softmax', { rows: 64, columns: 64, masked: false }, [size], size],
  ['transpose', 'copyStrided', { shape: [64, 64], strides: [1, 64], offset: 0 }, [size], size],
]) {
  const [compiled, plain] = times(kernel, spec, sizes, outSize);
  console.log(`${title.padEnd(15)}${figure(compiled / size)} ${figure(plain / size)}`);
}
