/** @file The error classes and data types. */
import { expect, test } from 'vitest';
import { DTypeError } from '../../src/errors.js';
import * as cg from '../../src/index.js';

test.each([
  [cg.ShapeError, 'CONTRAGRAD_SHAPE'],
  [cg.DTypeError, 'CONTRAGRAD_DTYPE'],
  [cg.ArgumentError, 'CONTRAGRAD_ARGUMENT'],
  [cg.GraphError, 'CONTRAGRAD_GRAPH'],
  [cg.DeviceError, 'CONTRAGRAD_DEVICE'],
  [cg.DataError, 'CONTRAGRAD_DATA'],
  [cg.CompileError, 'CONTRAGRAD_COMPILE'],
])('%o has the code %s, a name, and the operation', (ErrorClass, code) => {
  const error = new ErrorClass('op', 'needs more, got less', 'try again');
  expect(error).toBeInstanceOf(cg.ContragradError);
  expect(error).toMatchObject({
    code,
    name: ErrorClass.name,
    op: 'op',
    message: 'op: needs more, got less; try again',
  });
});

test('types follow typed arrays, and conversions are explicit', () => {
  expect(cg.tensor(Float64Array.of(1)).dtype).toBe('float64');
  expect(cg.tensor(Int32Array.of(1)).dtype).toBe('int32');
  expect(cg.tensor([1]).dtype).toBe('float32');
  expect(cg.tensor([0.1]).item()).toBe(Math.fround(0.1));
  expect(cg.cast(cg.tensor([1.9, -1.9]), 'int32').toArray()).toEqual([1, -1]);
  expect(() => cg.tensor([1], { dtype: 'float16' as 'float32' })).toThrow(
    'tensor: unknown dtype "float16"; use one of float32, float64, int32',
  );
  expect(() => cg.tensor([0.5], { dtype: 'int32' })).toThrow(DTypeError);
  expect(() => cg.tensor([1], { dtype: 'int32', requiresGrad: true })).toThrow(
    "requiresGrad: gradients need a float type, got int32; use cast(x, 'float32')",
  );
});

test('a tensor reads as its numbers', () => {
  expect(
    String(
      cg.tensor([
        [1, 2],
        [3, 4.5],
      ]),
    ),
  ).toBe('tensor([[1, 2],\n        [3, 4.5]])');
  expect(String(cg.tensor(1 / 3, { dtype: 'float64', requiresGrad: true }))).toBe(
    'tensor(0.33333, dtype: float64, requiresGrad: true)',
  );
  expect(String(cg.zeros([0, 2]))).toContain('shape: [0, 2]');
  expect(String(cg.tensor([1], { requiresGrad: true }).mul(2))).toBe('tensor([2], op: mul)');
});
