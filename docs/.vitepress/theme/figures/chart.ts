/** @file What a chart of the figures is told. */

/** A curve: each tone has a colour and a dash of its own. */
export interface Curve {
  readonly label: string;
  readonly tone: 'first' | 'second' | 'third' | 'truth' | 'limit';
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** An axis: its name, its ends, and whether it counts in powers of ten. */
export interface Axis {
  readonly label: string;
  readonly ends: readonly [number, number];
  readonly powers?: boolean;
}
