/** @file How far a training is, in lines where there is no terminal. */
import { PassThrough } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { Progress } from '../../src/cli/progress.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What 3,000 steps, of 10 milliseconds each, write to stderr and to stdout. */
function written(options: { readonly quiet?: boolean } = {}): string[] {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const progress = new Progress('training', 6000, { env: {}, stdin: new PassThrough(), stdout, stderr }, options);
  progress.start(0);
  for (let step = 1; step <= 3000; step++) {
    clock.mockReturnValue(10 * step);
    progress.update(step, Math.ceil(step / 50), 1 / step, step > 1500 ? '3-NN 0.9000 (validation)' : '');
  }
  progress.stop();
  return [stderr, stdout].map((stream) => String(stream.read() ?? ''));
}

test('without a terminal there is a line every five seconds, on stderr', () => {
  const [err, out] = written();
  const lines = err!.trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toBe('training  8 % | epoch 11 | loss 0.0020 | 100 steps/s');
  expect(lines[4]).toBe('training  41 % | epoch 51 | loss 0.0004 | 3-NN 0.9000 (validation) | 100 steps/s');
  expect(out).toBe('');
});

test('a quiet training writes nothing', () => {
  expect(written({ quiet: true })).toEqual(['', '']);
});
