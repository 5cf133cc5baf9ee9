/** @file A place, of a plane or of a drawing. */

/** Two coordinates. */
export type Point = [x: number, y: number];
