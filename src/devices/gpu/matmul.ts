/**
 * @file Matrix products. One thread an element reads two elements for each product; larger ones are made in blocks of 2 x 2 by one
 * thread, which reads half as much, and from textures in vectors of four along k, an eighth.
 */
import type { KernelSpecs } from '../device.js';
import { type KernelSource, quotient, type Reading } from './source.js';

type Spec = KernelSpecs['matmul'];

/** Below so many products the further launches cost more than they save. */
const BLOCKED = 2 ** 18;

/** The stages of a product. */
export function matmul(spec: Spec, reading: Reading): KernelSource[] {
  const { batch, m, k, n } = spec;
  if (reading === 'host' || batch * m * k * n < BLOCKED || m < 2 || n < 2) return [elementwise(spec)];
  if (reading === 'buffer') return [blocksOfElements(spec), unpacked(spec, false, 2)];
  return [
    packed(batch, m, k, spec.transposeA, 0),
    packed(batch, n, k, !spec.transposeB, 1),
    blocksOfVectors(spec),
    unpacked(spec, true, 4),
  ];
}

function elementwise({ batch, m, k, n, transposeA, transposeB }: Spec): KernelSource {
  return {
    size: batch * m * n,
    dtype: 0,
    body: `const block = ${quotient('i', m * n)};
      const rest = i - block * ${m * n};
      const row = ${quotient('rest', n)};
      const column = rest - row * ${n};
      const p = block * ${m * k} + ${transposeA ? 'row' : `row * ${k}`};
      const q = block * ${k * n} + ${transposeB ? `column * ${k}` : 'column'};
      let result = 0.0;
      for (let t = 0; t < ${k}; t++) {
        result += a[p + t * ${transposeA ? m : 1}] * b[q + t * ${transposeB ? 1 : n}];
      }
      return result;`,
  };
}

/** Splits a thread's number into the block's `batch`, and its first `row` and `column`; the last block may repeat some. */
function blockOf(m: number, n: number): string {
  const [rows, columns] = [Math.ceil(m / 2), Math.ceil(n / 2)];
  return `const batch = ${quotient('i', rows * columns)};
    const rest = i - batch * ${rows * columns};
    const blockRow = ${quotient('rest', columns)};
    const row = Math.min(blockRow * 2, ${m - 2});
    const column = Math.min((rest - blockRow * ${columns}) * 2, ${n - 2});`;
}

const SUMS = 'let s0 = 0.0; let s1 = 0.0; let s2 = 0.0; let s3 = 0.0;';
const blocks = ({ batch, m, n }: Spec): number => 4 * batch * Math.ceil(m / 2) * Math.ceil(n / 2);

function blocksOfElements(spec: Spec): KernelSource {
  const { m, k, n, transposeA, transposeB } = spec;
  const [aRow, aStep] = transposeA ? [1, m] : [k, 1];
  const [bColumn, bStep] = transposeB ? [k, 1] : [1, n];
  return {
    size: blocks(spec),
    dtype: 0,
    returnsVectors: true,
    body: `${blockOf(m, n)}
      const p = batch * ${m * k} + row * ${aRow};
      const q = batch * ${k * n} + column * ${bColumn};
      ${SUMS}
      for (let t = 0; t < ${k}; t++) {
        const x = a[p + t * ${aStep}]; const y = a[p + ${aRow} + t * ${aStep}];
        const v = b[q + t * ${bStep}]; const w = b[q + ${bColumn} + t * ${bStep}];
        s0 += x * v; s1 += x * w; s2 += y * v; s3 += y * w;
      }
      return [s0, s1, s2, s3];`,
  };
}

/** A matrix `[rows, k]`, or `[k, rows]` where transposed, as rows of vectors along k, zeros behind the end. */
function packed(batch: number, rows: number, k: number, transposed: boolean, from: number): KernelSource {
  const vectors = Math.ceil(k / 4);
  const step = transposed ? rows : 1;
  const element = (lane: number): string => {
    const read = `a[p + ${lane * step}]`;
    return 4 * (vectors - 1) + lane < k
      ? `const e${lane} = ${read};`
      : `let e${lane} = 0.0; if (v < ${vectors - 1} - 0.5) { e${lane} = ${read}; }`;
  };
  return {
    size: 4 * batch * rows * vectors,
    dtype: 0,
    from: [from],
    returnsVectors: true,
    body: `const row = ${quotient('i', vectors)};
      const v = i - row * ${vectors};
      const block = ${quotient('row', rows)};
      const p = ${transposed ? `block * ${rows * k} + (row - block * ${rows})` : `row * ${k}`} + v * ${4 * step};
      ${[0, 1, 2, 3].map(element).join('\n')}
      return [e0, e1, e2, e3];`,
  };
}

function blocksOfVectors(spec: Spec): KernelSource {
  const { m, k, n } = spec;
  const vectors = Math.ceil(k / 4);
  const dot = (p: string, q: string): string => [0, 1, 2, 3].map((lane) => `${p}[${lane}] * ${q}[${lane}]`).join(' + ');
  return {
    size: blocks(spec),
    dtype: 0,
    from: [2, 3],
    readsVectors: true,
    returnsVectors: true,
    body: `${blockOf(m, n)}
      const p = (batch * ${m} + row) * ${vectors};
      const q = (batch * ${n} + column) * ${vectors};
      ${SUMS}
      for (let t = 0; t < ${vectors}; t++) {
        const x = a[p + t]; const y = a[p + ${vectors} + t];
        const v = b[q + t]; const w = b[q + ${vectors} + t];
        s0 += ${dot('x', 'v')}; s1 += ${dot('x', 'w')}; s2 += ${dot('y', 'v')}; s3 += ${dot('y', 'w')};
      }
      return [s0, s1, s2, s3];`,
  };
}

/** The elements of 2 x 2 blocks in rows. Where a size is odd, the last blocks begin one earlier. */
function unpacked({ batch, m, n }: Spec, readsVectors: boolean, from: number): KernelSource {
  const [rows, columns] = [Math.ceil(m / 2), Math.ceil(n / 2)];
  return {
    size: batch * m * n,
    dtype: 0,
    from: [from],
    readsVectors,
    body: `const block = ${quotient('i', m * n)};
      const rest = i - block * ${m * n};
      const row = ${quotient('rest', n)};
      const column = rest - row * ${n};
      const blockRow = Math.floor((row + 0.5) / 2.0);
      const blockColumn = Math.floor((column + 0.5) / 2.0);
      const lane = (row - Math.min(blockRow * 2, ${m - 2})) * 2 + (column - Math.min(blockColumn * 2, ${n - 2}));
      const at = (block * ${rows} + blockRow) * ${columns} + blockColumn;
      ${
        readsVectors
          ? 'const v = a[at]; if (lane < 0.5) return v[0]; if (lane < 1.5) return v[1]; if (lane < 2.5) return v[2]; return v[3];'
          : 'return a[at * 4 + lane];'
      }`,
  };
}
