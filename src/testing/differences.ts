/**
 * @file The slope of a function along a line by central differences at many step sizes, and how far rounding and the step may put it off.
 */

/** The elements of a result at a signed distance along the line. */
export type Along = (distance: number) => Float64Array;

/** Some elements of a result, each times its weight. */
export interface Part {
  readonly indices: readonly number[];
  readonly weights: Float64Array;
}

/** A slope, as far as differences can tell. */
export interface Slope {
  readonly value: number;
  /** What rounding and the step may explain of a distance to it. */
  readonly error: number;
  /** Whether the one-sided slopes differ however small the step; or the function ends here. */
  readonly isKink: boolean;
}

/** The results at equal distances to either side. */
interface Rung {
  readonly h: number;
  readonly up: Float64Array;
  readonly down: Float64Array;
}

/** What a rung says of a part. */
interface Difference {
  readonly h: number;
  /** The central difference. */
  readonly slope: number;
  /** The slope to the right less that to the left: shrinks with the step where the function is smooth. */
  readonly bend: number;
  /** By how much the last digits of the result, and of the point, can move the part. */
  readonly rounding: number;
}

/** From one step to the next: its square is how much faster a smooth function's error shrinks. */
const FACTOR = 4;
/** The widest step, and the narrowest one unless an element is tiny. */
const [WIDEST, NARROWEST] = [0.7, 6e-10];
/** How many times the largest noise seen, or one unit in the last place, a difference may be off: enough where errors shrink as the root of the step. */
const SAFETY = 16;
/** From so many narrower steps the noise of a step is known. */
const NARROWER = 4;

/** A function's differences along one line, taken as they are asked for. */
export class Line {
  readonly #along: Along;
  readonly #start: Float64Array;
  readonly #step: number;
  readonly #tiniest: number;
  readonly #first: Rung;
  #rungs: readonly Rung[] | null = null;

  /**
   * @param along - The function, with distances in units of the point's size.
   * @param start - What it is at the point itself.
   * @param step - The step that is tried first.
   * @param tiniest - The smallest element of the point, in units of its size: a logarithm bends as fast as that is small.
   */
  constructor(along: Along, start: Float64Array, step: number, tiniest: number) {
    [this.#along, this.#start, this.#step, this.#tiniest] = [along, start, step, tiniest];
    this.#first = this.#rung(step);
  }

  #rung(h: number): Rung {
    return { h, up: this.#along(h), down: this.#along(-h) };
  }

  /** How fast one element of the result changes, roughly; 0 where that is no number. */
  speed(index: number): number {
    const { h, up, down } = this.#first;
    return Math.abs((up[index]! - down[index]!) / (2 * h)) || 0;
  }

  #difference({ h, up, down }: Rung, { indices, weights }: Part): Difference {
    let [slope, bend, rounding] = [0, 0, 0];
    for (const i of indices) {
      const w = weights[i]!;
      slope += w * (up[i]! - down[i]!);
      bend += w * (up[i]! - 2 * this.#start[i]! + down[i]!);
      rounding += Math.abs(w) * Math.max(Math.abs(up[i]!), Math.abs(down[i]!), Math.abs(this.#start[i]!));
    }
    slope /= 2 * h;
    return { h, slope, bend: bend / h, rounding: Number.EPSILON * (rounding + Math.abs(slope)) };
  }

  /** The central difference at the first step. */
  first(part: Part): number {
    return this.#difference(this.#first, part).slope;
  }

  /** The slope at the first step alone, where that settles it: it agrees with what is expected, there is no bend, and little noise. */
  agrees(part: Part, expected: number, tolerance: number): boolean {
    const { h, slope, bend, rounding } = this.#difference(this.#first, part);
    if (slope === 0 && bend === 0 && expected === 0) return true;
    const size = Math.max(Math.abs(slope), Math.abs(expected));
    const error = (SAFETY * rounding) / h;
    return (
      error <= 1e-4 * size &&
      Math.abs(slope - expected) <= tolerance * size + error &&
      Math.abs(bend) <= 0.01 * size + 4 * error
    );
  }

  /**
   * The slope of a part, from the step that tells it best.
   *
   * A step's error is its noise over its length. The noise is the most by which neighbouring differences disagree, at this step and at all
   * narrower ones, times the step: where the function is smooth this is the error of the step itself, else what rounding does, inside the function too.
   * A wide step that passes over what narrower ones resolve is as wrong as it is far from them.
   */
  slope(part: Part): Slope {
    this.#rungs ??= this.#allRungs();
    const all = this.#rungs.map((rung) => this.#difference(rung, part)).filter(({ slope }) => Number.isFinite(slope));
    const errors: number[] = [];
    let noise = 0;
    let best = -1;
    for (let k = all.length - 2; k >= 0; k--) {
      const [{ h, slope, rounding }, next] = [all[k]!, all[k + 1]!];
      noise = Math.max(noise, Math.abs(slope - next.slope) * next.h);
      if (k >= all.length - NARROWER) continue;
      // Two steps of a function with several kinks nearby may agree by chance, three less so.
      const after = Math.abs(next.slope - all[k + 2]!.slope);
      let error = Math.max((SAFETY * Math.max(noise, rounding)) / h, FACTOR * after);
      errors.forEach((theirs, j) => {
        error = Math.max(error, Math.abs(slope - all[j]!.slope) - theirs);
      });
      errors[k] = error;
      if (best < 0 || error < errors[best]!) best = k;
    }
    if (best < 0) return { value: Number.NaN, error: Number.POSITIVE_INFINITY, isKink: true };
    const bends = all.slice(best, best + 3).map(({ bend }) => bend);
    const stays = bends.every((bend, i) => i === 0 || bend / bends[i - 1]! >= 0.5);
    return {
      value: all[best]!.slope,
      error: errors[best]!,
      isKink: stays && Math.abs(bends[0]!) > 8 * errors[best]!,
    };
  }

  /** From the widest step to the narrowest; the first one is among them. */
  #allRungs(): Rung[] {
    const rungs: Rung[] = [this.#first];
    for (let h = this.#step * FACTOR; h <= WIDEST; h *= FACTOR) rungs.unshift(this.#rung(h));
    const end = Math.min(NARROWEST, 1e-6 * this.#tiniest);
    for (let h = this.#step / FACTOR; h >= end; h /= FACTOR) rungs.push(this.#rung(h));
    return rungs;
  }
}
