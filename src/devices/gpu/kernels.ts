/**
 * @file Every kernel of the device contract as source text for gpu.js. Text survives bundlers and minifiers; sizes and
 * strides are written into it as literals, since a loop bounded by an argument silently stops at 1000.
 *
 * Each kernel computes one element: `i` is its flat index. Whole numbers live in float registers, so a quotient is
 * taken with half a step added before the floor: exact up to 2²⁴.
 *
 * Shading languages need not know NaN, and their max, min, exp, log and pow may make a number of it, or of an infinity. A comparison tells NaN here: it is
 * neither more nor less than a number. What compilers assume never occurs may still be lost: docs/guide/gpu.md says where that was seen.
 */
import { type Shape, sizeOf, stridesOf } from '../../shape.js';
import {
  type ArithmeticOp,
  type ComparisonOp,
  isComparison,
  type KernelName,
  type KernelSpecs,
  type MapOp,
  type ReduceOp,
} from '../device.js';
import { matmul } from './matmul.js';
import { inputName, type KernelSource, LARGEST, literal, passNaN, quotient, type Reading, testNaN } from './source.js';

/** Returns the logarithm. */
const returnLog = (x: string): string => `
  if (${x} > 0.0 && ${x} <= ${LARGEST}) return Math.log(${x});
  if (${x} === 0.0) return ${literal(Number.NEGATIVE_INFINITY)};
  if (${x} < 0.0) return Math.sqrt(${x});
  return ${x};`;

const MAP: Record<MapOp, string> = {
  neg: 'return -x;',
  abs: 'return Math.abs(x);',
  sign: 'if (x > 0.0) return 1.0; if (x < 0.0) return -1.0; return 0.0;',
  exp: `${passNaN('x')} return Math.exp(x);`,
  // Kahan's correction: exact where exp(x) - 1 cancels.
  expm1: `
    ${passNaN('x')}
    const e = Math.exp(x);
    if (Math.abs(x) < 0.05) return x + x * x * (0.5 + x * (0.16666666666 + x * (0.04166666666 + x * 0.00833333333)));
    return e - 1.0;`,
  log: returnLog('x'),
  log1p: `
    if (Math.abs(x) < 0.01) return x * (1.0 - x * (0.5 - x * (0.33333333333 - x * 0.25)));
    const u = 1.0 + x;
    ${returnLog('u')}`,
  // Abramowitz, Stegun: 7.1.26, to 1.5e-7, which is float32's own precision.
  erf: `
    const t = 1.0 / (1.0 + 0.3275911 * Math.abs(x));
    const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    const y = 1.0 - tail * Math.exp(-x * x);
    if (x < 0.0) return -y;
    return y;`,
  sqrt: 'return Math.sqrt(x);',
  square: 'return x * x;',
  tanh: `
    ${passNaN('x')}
    if (Math.abs(x) < 0.05) return x - x * x * x * (0.33333333333 - x * x * 0.13333333333);
    const e = Math.exp(-2.0 * Math.abs(x));
    const t = (1.0 - e) / (1.0 + e);
    if (x < 0.0) return -t;
    return t;`,
  sigmoid: `
    ${passNaN('x')}
    const e = Math.exp(-Math.abs(x));
    if (x < 0.0) return e / (1.0 + e);
    return 1.0 / (1.0 + e);`,
  softplus: `
    ${passNaN('x')}
    const e = Math.exp(-Math.abs(x));
    let l = Math.log(1.0 + e);
    if (e < 0.01) l = e * (1.0 - e * (0.5 - e * 0.33333333333));
    return Math.max(x, 0.0) + l;`,
  relu: 'if (x <= 0.0) return 0.0; return x;',
};

const ZIP: Record<ArithmeticOp | ComparisonOp, string> = {
  add: 'return x + y;',
  sub: 'return x - y;',
  mul: 'return x * y;',
  div: 'return x / y;',
  // Shaders leave powers of negative numbers undefined. An odd power of -0 is negative, too.
  pow: `
    if (y === 0.0 || x === 1.0) return 1.0;
    if (x === -1.0 && Math.abs(y) > ${LARGEST}) return 1.0;
    ${passNaN('x')}
    ${passNaN('y')}
    const size = Math.abs(x);
    let power = 0.0;
    if (size > 0.0 && size <= ${LARGEST} && Math.abs(y) <= ${LARGEST}) { power = Math.pow(size, y); }
    else { if ((size < 1.0 && y < 0.0) || (size > 1.0 && y > 0.0)) { power = ${literal(Number.POSITIVE_INFINITY)}; } }
    if (x > 0.0) return power;
    const whole = Math.floor(y + 0.5);
    if (Math.abs(whole - y) > 0.0) { if (x < 0.0 && x >= -${LARGEST}) return Math.sqrt(x); return power; }
    if (whole - 2.0 * Math.floor(whole / 2.0) > 0.5) { if (x < 0.0 || 1.0 / x < 0.0) return -power; }
    return power;`,
  maximum: 'if (x >= y) return x; if (x < y) return y; return x + y;',
  minimum: 'if (x <= y) return x; if (x > y) return y; return x + y;',
  greater: 'if (x > y) return 1.0; return 0.0;',
  greaterEqual: 'if (x >= y) return 1.0; return 0.0;',
  less: 'if (x < y) return 1.0; return 0.0;',
  lessEqual: 'if (x <= y) return 1.0; return 0.0;',
  equal: 'if (x === y) return 1.0; return 0.0;',
  notEqual: 'if (x === y) return 0.0; return 1.0;',
};

/** Statements that split the flat index `from` into one coordinate for each axis, named `prefix` and the axis. */
function coordinates(shape: Shape, prefix: string, from: string): string {
  let rest = from;
  let text = '';
  stridesOf(shape).forEach((stride, axis) => {
    // An axis of size 1 after the last longer one would else read what that one has used.
    if (shape[axis] === 1) {
      text += `const ${prefix}${axis} = 0.0;\n`;
      return;
    }
    text += `const ${prefix}${axis} = ${quotient(rest, stride)};\n`;
    if (stride > 1) {
      text += `const ${prefix}r${axis} = ${rest} - ${prefix}${axis} * ${stride};\n`;
      rest = `${prefix}r${axis}`;
    }
  });
  return text;
}

/** The flat position that strides give to coordinates. */
function position(strides: Shape, prefix: string, offset = 0): string {
  const terms = strides.flatMap((stride, axis) => (stride === 0 ? [] : [`${prefix}${axis} * ${stride}`]));
  return [...terms, String(offset)].join(' + ');
}

function rowStart(columns: number, row: string): string {
  return `const start = ${row} * ${columns};`;
}

const keptIf = (masked: boolean): string => (masked ? 'b[start + j] > 0.5' : '1.0 > 0.5');

/** The largest kept element of a row, 0 in place of Infinity, which must not be subtracted from itself: `top`. NaN comes back in the sum. */
function rowMaximum(columns: number, masked: boolean): string {
  return `
    let top = -${LARGEST};
    for (let j = 0; j < ${columns}; j++) { if (${keptIf(masked)}) { if (a[start + j] > top) { top = a[start + j]; } } }
    if (top > ${LARGEST}) { top = 0.0; }`;
}

/** The shifted sum of exponentials of a row: `total`. */
function rowTotal(columns: number, masked: boolean): string {
  return `
    let total = 0.0;
    for (let j = 0; j < ${columns}; j++) {
      if (${keptIf(masked)}) {
        const x = a[start + j] - top;
        if (${testNaN('x')}) { total += x; } else { total += Math.exp(x); }
      }
    }`;
}

/** What a reduction does with each `x`: `result`, and where the first largest is, `best`. */
const STEPS: Record<ReduceOp, string> = {
  sum: 'result += x;',
  max: 'if (x > result) { result = x; } else { if (!(x <= result)) { result = x + result; } }',
  argMax: `if (x > result) { result = x; best = t; }
    else { if (!(x <= result)) { if (lost < 0.5) { best = t; lost = 1.0; } result = x + result; } }`,
};

/** A long reduction is made in two: as many threads as possible first sum parts of this length. */
const PART = 128;

/** Makes a loop over one part of `length`: `t` runs from its start. */
const partLoop = (length: number): string =>
  `for (let p = 0; p < ${PART}; p++) { const t = first + p; if (t < ${length} - 0.5) {`;

/**
 * Kernels of one stage. Random numbers have none, since integer hashes are wrong inside gpu.js; see {@link lower} for the others.
 */
type Registry = {
  readonly [Name in Exclude<KernelName, 'random' | 'softmax' | 'matmul'>]: (spec: KernelSpecs[Name]) => KernelSource;
};

/** The kernels by name; inputs are called a, b, c, … */
const kernelSources: Registry = {
  map: ({ op, size }) => ({ size, dtype: 0, body: `const x = a[i];\n${MAP[op]}` }),

  zip: ({ op, shape, strides: [p, q] }) => ({
    size: sizeOf(shape),
    takesNumbers: true,
    dtype: isComparison(op) ? 'int32' : 0,
    body: `${coordinates(shape, 'k', 'i')}
      const x = a[${position(p, 'k')}];
      const y = b[${position(q, 'k')}];
      ${ZIP[op]}`,
  }),

  where: ({ shape, strides: [r, p, q] }) => ({
    size: sizeOf(shape),
    takesNumbers: true,
    dtype: 1,
    body: `${coordinates(shape, 'k', 'i')}
      if (Math.abs(a[${position(r, 'k')}]) > 0.5) return b[${position(p, 'k')}];
      return c[${position(q, 'k')}];`,
  }),

  cast: ({ dtype, size }) => ({
    size,
    dtype,
    body:
      dtype === 'int32' ? 'const x = a[i]; if (x < 0.0) return Math.ceil(x); return Math.floor(x);' : 'return a[i];',
  }),

  reduce: ({ op, outer, length, inner }) => ({
    size: outer * inner,
    dtype: op === 'argMax' ? 'int32' : 0,
    body: `const block = ${quotient('i', inner)};
      const start = block * ${length * inner} + (i - block * ${inner});
      let result = ${op === 'sum' ? '0.0' : 'a[start]'};
      ${op === 'argMax' ? 'let best = 0; let lost = 0.0;' : ''}
      for (let t = 0; t < ${length}; t++) {
        const x = a[start + t * ${inner}];
        ${STEPS[op]}
      }
      return ${op === 'argMax' ? 'best' : 'result'};`,
  }),

  squaredDistance: ({ n, m, d }) => ({
    size: n * m,
    dtype: 0,
    body: `const row = ${quotient('i', m)};
      const column = i - row * ${m};
      let result = 0.0;
      for (let t = 0; t < ${d}; t++) {
        const difference = a[row * ${d} + t] - b[column * ${d} + t];
        result += difference * difference;
      }
      return result;`,
  }),

  copyStrided: ({ shape, strides, offset }) => ({
    size: sizeOf(shape),
    dtype: 0,
    body: `${coordinates(shape, 'k', 'i')}\nreturn a[${position(strides, 'k', offset)}];`,
  }),

  pad: ({ shape, inner, starts, steps, value }) => ({
    size: sizeOf(shape),
    dtype: 0,
    body: `${coordinates(shape, 'k', 'i')}
      ${inner
        .map(
          (size, axis) => `const d${axis} = k${axis} - ${starts[axis]};
            if (d${axis} < -0.5) return ${literal(value)};
            const s${axis} = ${quotient(`d${axis}`, steps[axis]!)};
            if (s${axis} > ${size - 1} + 0.5) return ${literal(value)};
            if (Math.abs(s${axis} * ${steps[axis]} - d${axis}) > 0.5) return ${literal(value)};`,
        )
        .join('\n')}
      return a[${position(stridesOf(inner), 's')}];`,
  }),

  concat: ({ outer, lengths }) => {
    const width = lengths.reduce((sum, length) => sum + length, 0);
    let start = 0;
    const parts = lengths.map((length, part) => {
      const from = start;
      start += length;
      return `if (column < ${start} - 0.5) return ${inputName(part)}[row * ${length} + (column - ${from})];`;
    });
    return {
      size: outer * width,
      dtype: 0,
      body: `const row = ${quotient('i', width)};\nconst column = i - row * ${width};\n${parts.join('\n')}\nreturn 0.0;`,
    };
  },

  gather: ({ shape, strides, axisStride }) => ({
    size: sizeOf(shape),
    dtype: 0,
    body: `${coordinates(shape, 'k', 'i')}\nreturn a[${position(strides, 'k')} + b[i] * ${axisStride}];`,
  }),

  // Without atomic additions: each element looks along the axis for those that go to it.
  scatterAdd: ({ shape, axis, outer }) => {
    const own = stridesOf(shape);
    const others = own.map((stride, i) => (i === axis ? 0 : stride));
    const inside = shape.flatMap((size, i) => (i === axis || size === outer[i] ? [] : [`k${i} < ${size} - 0.5`]));
    return {
      size: sizeOf(outer),
      dtype: 0,
      body: `${coordinates(outer, 'k', 'i')}
        let result = 0.0;
        for (let t = 0; t < ${shape[axis]}; t++) {
          const from = ${position(others, 'k')} + t * ${own[axis]};
          if (${[...inside, '1.0 > 0.5'].join(' && ')}) {
            if (Math.abs(b[from] - k${axis}) < 0.5) { result += a[from]; }
          }
        }
        return result;`,
    };
  },

  logSumExp: ({ rows, columns, masked }) => ({
    size: rows,
    dtype: 0,
    body: `${rowStart(columns, 'i')}${rowMaximum(columns, masked)}${rowTotal(columns, masked)}
      if (total > 0.0 && total <= ${LARGEST}) return top + Math.log(total);
      if (total <= 0.0) return ${literal(Number.NEGATIVE_INFINITY)};
      return total;`,
  }),

  blend: ({ weights: [p, q], squared, size }) => ({
    size,
    dtype: 0,
    body: `const y = b[i];\nreturn ${literal(p)} * a[i] + ${literal(q)} * ${squared ? 'y * y' : 'y'};`,
  }),

  adam: ({ eps, decay, index = 0, size }) => ({
    size,
    dtype: 0,
    takesNumbers: true,
    body: `const rate = f[0];
      const scale = Math.sqrt(c[i] / e[${index}]) + ${literal(eps)};
      return (1.0 - rate * ${literal(decay)}) * a[i] - rate / d[${index}] * b[i] / scale;`,
  }),

  // Each thread looks at a part and returns the first element that fails, or -1.
  check: ({ requirement, size }) => ({
    size: Math.ceil(size / PART),
    dtype: 'int32',
    body: `const first = i * ${PART};
      ${partLoop(size)}
        const x = a[t];
        if (!(${requirement.test === 'positive' ? `x > 0.0 && x <= ${LARGEST}` : `x >= ${literal(requirement.low)} && x <= ${literal(requirement.high)}`})) return t;
      } }
      return -1.0;`,
  }),
};

/** The kernels that one call of the contract takes: each after the first reads what the one before it made. */
export function lower<Name extends KernelName>(
  kernel: Name,
  spec: KernelSpecs[Name],
  reading: Reading,
): KernelSource[] {
  if (kernel === 'softmax') return softmax(spec as KernelSpecs['softmax']);
  if (kernel === 'matmul') return matmul(spec as KernelSpecs['matmul'], reading);
  const sources = kernelSources as unknown as Record<string, (spec: unknown) => KernelSource>;
  if (kernel === 'reduce') {
    const { op, outer, length, inner } = spec as KernelSpecs['reduce'];
    if (op !== 'argMax' && length > 4 * PART) {
      const parts = Math.ceil(length / PART);
      return [
        partialReduction(op, outer, length, inner),
        ...lower('reduce', { op, outer, length: parts, inner }, reading),
      ];
    }
  }
  const stages = [sources[kernel]!(spec)];
  if (kernel === 'check' && stages[0]!.size > 1) {
    const parts = stages[0]!.size;
    stages.push({
      size: 1,
      dtype: 'int32',
      body: `for (let t = 0; t < ${parts}; t++) { if (a[t] > -0.5) return a[t]; }\nreturn -1.0;`,
    });
  }
  return stages;
}

/**
 * Each row's largest element, then its sum of exponentials, then the quotients: every element is read three times, not once for
 * each column.
 */
function softmax({ rows, columns, masked, gradient }: KernelSpecs['softmax']): KernelSource[] {
  const given = masked ? [0, 1] : [0];
  const [top, total] = [inputName(given.length), inputName(given.length + 1)];
  const [first, second] = [given.length, given.length + 1];
  const start = rowStart(columns, 'i');
  return [
    { size: rows, dtype: 0, body: `${start}${rowMaximum(columns, masked)}\nreturn top;` },
    {
      size: rows,
      dtype: 0,
      from: [...given, first],
      body: `${start}const top = ${top}[i];${rowTotal(columns, masked)}\nreturn total;`,
    },
    {
      size: rows * columns,
      dtype: 0,
      from: [...given, first, second],
      body: `const row = ${quotient('i', columns)};
        ${masked ? 'if (b[i] < 0.5) return 0.0;' : ''}
        ${gradient ? '' : `if (${total}[row] > ${LARGEST}) return ${total}[row] - ${total}[row];`}
        return Math.exp(a[i] - ${top}[row]) / ${total}[row];`,
    },
  ];
}

/** `[outer, length, inner]` to `[outer, parts, inner]`. */
function partialReduction(op: 'sum' | 'max', outer: number, length: number, inner: number): KernelSource {
  const parts = Math.ceil(length / PART);
  return {
    size: outer * parts * inner,
    dtype: 0,
    body: `const block = ${quotient('i', inner)};
      const column = i - block * ${inner};
      const row = ${quotient('block', parts)};
      const first = (block - row * ${parts}) * ${PART};
      const start = row * ${length * inner} + column;
      let result = ${op === 'sum' ? '0.0' : `a[start + first * ${inner}]`};
      ${partLoop(length)}
        const x = a[start + t * ${inner}];
        ${STEPS[op]}
      } }
      return result;`,
  };
}

/** A kernel's text with the inputs that come as numbers written as such: `a[…]` becomes `a`. */
export function withNumbers(body: string, isNumber: readonly boolean[]): string {
  return isNumber.reduce(
    (text, number, index) =>
      number ? text.replace(new RegExp(`\\b${inputName(index)}\\[[^\\[\\]]*\\]`, 'g'), inputName(index)) : text,
    body,
  );
}
