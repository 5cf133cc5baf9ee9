/** @file Points of any dimension in the plane: along the two directions in which they vary most. */

/** How often the axes are improved for each picture; they start where the last picture left them. */
const ROUNDS = 4;

/**
 * The first two principal axes, followed while the points move: the axes of one picture are where the search for the next
 * one's starts (orthogonal iteration), so that pictures do not flip.
 */
export class Projection {
  readonly #dim: number;
  readonly #axes: readonly [Float64Array, Float64Array];
  #fresh = true;

  /** @param dim - The length of a point. */
  constructor(dim: number) {
    this.#dim = dim;
    this.#axes = [new Float64Array(dim), new Float64Array(dim)];
    this.#axes.forEach((axis, a) => {
      axis.forEach((_, t) => {
        axis[t] = Math.cos((a + 1) * (t + 0.5));
      });
    });
  }

  /** Points `[count, dim]` as `[count, 2]`; those of two dimensions as they are. */
  of(points: Float32Array): Float32Array {
    const dim = this.#dim;
    if (dim === 2) return points.slice();
    const count = points.length / dim;
    const mean = new Float64Array(dim);
    for (let i = 0; i < points.length; i++) mean[i % dim]! += points[i]! / count;
    const covariance = covarianceOf(points, mean);
    for (let round = this.#fresh ? -30 : 0; round < ROUNDS; round++) this.#improve(covariance);
    this.#fresh = false;
    const flat = new Float32Array(2 * count);
    this.#axes.forEach((axis, a) => {
      for (let i = 0; i < count; i++) {
        let sum = 0;
        for (let t = 0; t < dim; t++) sum += axis[t]! * (points[i * dim + t]! - mean[t]!);
        flat[2 * i + a] = sum;
      }
    });
    return flat;
  }

  #improve(covariance: Float64Array): void {
    const [first, second] = this.#axes;
    for (const axis of this.#axes) {
      const image = axis.map((_, s) => axis.reduce((sum, v, t) => sum + covariance[s * this.#dim + t]! * v, 0));
      // Where nothing varies, the axis stays.
      if (image.some((v) => v !== 0)) axis.set(image);
    }
    normalise(first);
    const along = first.reduce((sum, v, t) => sum + v * second[t]!, 0);
    for (let t = 0; t < this.#dim; t++) second[t]! -= along * first[t]!;
    normalise(second);
  }
}

function covarianceOf(points: Float32Array, mean: Float64Array): Float64Array {
  const dim = mean.length;
  const covariance = new Float64Array(dim * dim);
  for (let start = 0; start < points.length; start += dim) {
    for (let s = 0; s < dim; s++) {
      const off = points[start + s]! - mean[s]!;
      for (let t = 0; t < dim; t++) covariance[s * dim + t]! += off * (points[start + t]! - mean[t]!);
    }
  }
  return covariance;
}

function normalise(axis: Float64Array): void {
  const length = Math.hypot(...axis);
  if (length > 0) for (let t = 0; t < axis.length; t++) axis[t]! /= length;
}
