/** @file A number over the steps of a training, in as few points as a chart can show. */

/** More points than this are halved. */
const MOST = 400;

/** A point of a curve. */
export type CurvePoint = readonly [step: number, value: number];

/** A growing curve: neighbours are averaged when there are too many points, so that it never holds many. */
export class History {
  #points: [number, number][] = [];
  /** How many numbers one point is the mean of. */
  #each = 1;
  #sum: [number, number] = [0, 0];
  #taken = 0;

  /** The points so far, as a list of its own; what does not fill a point yet is a point of its own. */
  get points(): readonly CurvePoint[] {
    if (this.#taken === 0) return [...this.#points];
    return [...this.#points, [this.#sum[0] / this.#taken, this.#sum[1] / this.#taken]];
  }

  /** Adds the next number. */
  add(step: number, value: number): void {
    this.#sum = [this.#sum[0] + step, this.#sum[1] + value];
    if (++this.#taken < this.#each) return;
    this.#points.push([this.#sum[0] / this.#each, this.#sum[1] / this.#each]);
    this.#sum = [0, 0];
    this.#taken = 0;
    if (this.#points.length < MOST) return;
    this.#points = Array.from({ length: MOST / 2 }, (_, i) => {
      const [[s, a], [t, b]] = [this.#points[2 * i]!, this.#points[2 * i + 1]!];
      return [(s + t) / 2, (a + b) / 2];
    });
    this.#each *= 2;
  }

  /** Starts anew. */
  clear(): void {
    this.#points = [];
    this.#each = 1;
    this.#sum = [0, 0];
    this.#taken = 0;
  }
}
