/**
 * @file What formulas with the batch's numbers in them are made of. A formula is TeX with named places; what stands in them
 * changes while a point is dragged, the TeX does not.
 */

/** A formula, line by line, and what stands in its places. */
export interface Formula {
  readonly lines: readonly string[];
  readonly numbers: Readonly<Record<string, number | string>>;
}

/** A pair's slope as TeX: empty where there is nothing to tell but the number. */
export interface PairLine {
  readonly line: string;
  readonly numbers: Readonly<Record<string, number | string>>;
}

/** A place in a formula, by the name of what stands there; in braces, for else KaTeX puts the space after it inside. */
export const place = (name: string): string => `{\\htmlData{place=${name}}{0}}`;

/** The sum of some numbers. */
export const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** log(1 + e^x), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The derivative of softplus. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
