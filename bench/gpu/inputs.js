/** @file The same numbers for every engine. */
import { gatherRows, irisTextures } from '../../dist/data/index.js';
import { Generator } from '../../dist/index.js';

/** `rows` x `columns` numbers in ±1. */
export function matrix(rows, columns, seed) {
  const generator = new Generator(seed);
  return Float32Array.from({ length: rows * columns }, () => 2 * generator.uniform() - 1);
}

/** 20 subjects, 4 images of each: a batch of the iris encoder. */
export function batch() {
  const data = irisTextures({ subjects: 20, imagesPerSubject: 4 });
  const rows = [...data.labels.keys()];
  return {
    x: Float32Array.from(gatherRows(data, rows)),
    labels: [...data.labels],
    count: rows.length,
    size: data.size,
  };
}

/** The encoder's first weights, `[out, in]`. */
export const weights = {
  first: matrix(64, 256, 11).map((value) => value / 16),
  second: matrix(16, 64, 12).map((value) => value / 8),
};
