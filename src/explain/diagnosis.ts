/** @file What a diagnosis consists of. */
import type { BatchReport } from '../mining/validate.js';

/** Something that was found, and what to do about it. */
export interface Finding {
  /** What it is, safe to test against. */
  readonly kind:
    | 'notFinite'
    | 'collapse'
    | 'noNegatives'
    | 'noPositives'
    | 'labels'
    | 'identicalViews'
    | 'unreachableMargin'
    | 'hot'
    | 'cold'
    | 'tinyMargin'
    | 'aboveCollapse'
    | 'collapseValue'
    | 'lowRank'
    | 'nothingActive'
    | 'fewActive'
    | 'vanishingGradient'
    | 'explodingGradient'
    | 'saturated'
    | 'imbalanced'
    | 'batch';
  /** What was seen. */
  readonly message: string;
  /** The next thing to try. */
  readonly advice: string;
}

/** What {@link diagnose} returns. */
export interface Diagnosis {
  /** The worst finding in words with its advice, or that nothing was found. */
  readonly verdict: string;
  /** All that was found, the worst first. */
  readonly findings: readonly Finding[];
  /** The loss. */
  readonly loss: number;
  /** The loss with the same options where every row is the mean of all: log N, the margin, … */
  readonly collapseValue: number;
  /**
   * How far the embeddings are spread, 0 at collapse, in the terms of the loss. Of one with a margin: how far two rows lie
   * apart (the root of the mean square), relative to the distance that the margin asks for. Of one by similarity: how far rows lie
   * from their mean, relative to their length, 1 where the mean is 0.
   */
  readonly spread: number;
  /**
   * How many dimensions the embeddings use, out of how many: around their mean where the loss looks at distances alone, unless
   * they are all but one point. Null where all are 0, or some are not finite.
   */
  readonly effectiveRank: number | null;
  /** The length of an embedding. */
  readonly dimensions: number;
  /** How many of the pairs have a force at all. */
  readonly active: {
    /** Pairs that should be near. */
    readonly positives: Share;
    /** Pairs that should be apart. */
    readonly negatives: Share;
  };
  /** The lengths of the gradients of the rows. */
  readonly gradientNorms: {
    /** The shortest. */
    readonly least: number;
    /** The one in the middle. */
    readonly median: number;
    /** The longest. */
    readonly most: number;
  };
  /** What `validateBatch` says of the batch; without classes, of its rows alone. */
  readonly batch: BatchReport;
}

/** A part of a number of pairs. */
export interface Share {
  /** How many are meant. */
  readonly count: number;
  /** How many there are. */
  readonly total: number;
}
