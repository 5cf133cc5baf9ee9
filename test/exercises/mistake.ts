/** @file What a mistake in an exercise is, and what several of them are made of. */
import type * as Contragrad from '../../src/index.js';

type Tensor = Contragrad.Tensor;

/** What is done wrong, what the feedback must say, and the answer. */
export type Mistake = readonly [title: string, says: string, answer: unknown];

/** What is said of the signs of JavaScript; each mistake is made with another one, and is told so in the same words. */
export const SIGNS: string =
  'a tensor is used as a number: the signs + - * / ** < <= > >= and Math do not work on tensors';
/** A tensor as it is wrongly used, and what comes of it. */
export const num = (x: Tensor): number => x as unknown as number;
/** What the signs made, as it is wrongly used. */
export const tensorOf = (x: number): Tensor => x as unknown as Tensor;

/** Along each row, its axis kept. */
export const rows: { readonly axis: 1; readonly keepDims: true } = { axis: 1, keepDims: true };
/** 1 - x. */
export const one = (x: Tensor): Tensor => x.neg().add(1);
