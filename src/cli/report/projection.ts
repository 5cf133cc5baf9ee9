/** @file Embeddings in the plane. */
import { PCA } from 'ml-pca';
import type { Space } from './neighbours.js';

/** Embeddings in the plane, or on a line. */
export interface Projection {
  /** The titles of the axes. */
  readonly x: string;
  readonly y: string;
  readonly coordinates: readonly { readonly x: number; readonly y: number | null }[];
  /** How it was made, as a sentence. */
  readonly note: string;
}

const share = (part: number): string => `${(100 * part).toFixed(0)} % of the variance`;

/** One or two dimensions as they are, more by their principal components. */
export function projected({ count, size, values }: Space): Projection {
  const rows = Array.from({ length: count }, (_, row) => [...values.subarray(row * size, (row + 1) * size)]);
  if (size <= 2) {
    const coordinates = rows.map(([x, y]) => ({ x: rounded(x!), y: y === undefined ? null : rounded(y) }));
    const titles = { x: 'dimension 1', y: size === 2 ? 'dimension 2' : 'class' };
    return { ...titles, coordinates, note: 'The axes are those of the embedding itself.' };
  }
  const mean = rows[0]!.map((_, t) => rows.reduce((sum, row) => sum + row[t]!, 0) / count);
  if (rows.every((row) => row.every((value, t) => Math.abs(value - mean[t]!) <= 1e-12 * Math.abs(mean[t]!)))) {
    const coordinates = rows.map(() => ({ x: 0, y: 0 }));
    return { x: 'component 1', y: 'component 2', coordinates, note: 'All embeddings are one and the same point.' };
  }
  const pca = new PCA(rows, { method: 'covarianceMatrix' });
  const [first, second] = pca.getExplainedVariance() as [number, number];
  const coordinates = pca
    .predict(rows, { nComponents: 2 })
    .to2DArray()
    .map(([x, y]) => ({ x: rounded(x!), y: rounded(y!) }));
  return {
    x: `component 1 (${share(first)})`,
    y: `component 2 (${share(second)})`,
    coordinates,
    note: `The two main directions (PCA) of ${size} dimensions hold ${share(first + second)}: what is apart here is apart, what is close may be not.`,
  };
}

/** Five digits: less than a pixel. */
export const rounded = (value: number): number => Number(value.toPrecision(5));
