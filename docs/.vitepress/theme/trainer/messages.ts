/** @file What the page and its worker say to each other. Arrays are handed over, not copied. */
import type { Origin } from './rows.js';
import type { Look } from './scatter.js';
import type { Speed, TrainerSettings } from './settings.js';
import type { RunFiles } from './training.js';

/** What the page asks for. */
export type Request =
  /** Where the rows are drawn. */
  | { readonly kind: 'canvas'; readonly canvas: OffscreenCanvas; readonly look: Look }
  | { readonly kind: 'look'; readonly look: Look }
  /** Reads rows and makes a new encoder. */
  | { readonly kind: 'open'; readonly origin: Origin; readonly settings: TrainerSettings }
  /** Lets go of rows and encoder. */
  | { readonly kind: 'forget' }
  /** Makes a new encoder for the rows at hand; without rows nothing happens. */
  | { readonly kind: 'reset'; readonly settings: TrainerSettings }
  | { readonly kind: 'run'; readonly running: boolean; readonly speed: Speed }
  | { readonly kind: 'step' }
  /** The last frame is on the screen: the next one may come. */
  | { readonly kind: 'drawn' }
  | { readonly kind: 'files' };

/** The rows, told once for each encoder. */
export interface Opened {
  readonly kind: 'opened';
  readonly name: string;
  readonly count: number;
  readonly trained: number;
  readonly size: number;
  readonly classes: readonly string[];
  /** What of the source was left out, in words; empty where nothing was. */
  readonly leftOut: string;
  /** How many of them the picture shows. */
  readonly drawn: number;
}

/** How far training is; the picture of it is drawn already. */
export interface Frame {
  readonly kind: 'frame';
  readonly step: number;
  /** The losses of the steps since the last frame. */
  readonly losses: Float32Array;
  /** On rows held out; null where it was not measured again. */
  readonly accuracy: number | null;
  /** What is wrong, in words; null where it was not asked again. */
  readonly verdict: string | null;
  /** What runs the steps, in words; null before the first one. */
  readonly runner: string | null;
}

/** What the worker answers. */
export type Answer =
  | Opened
  | Frame
  | { readonly kind: 'files'; readonly files: RunFiles }
  /** Something failed, in words; training has stopped. */
  | {
      readonly kind: 'problem';
      readonly message: string;
      /** Whether what was asked for could not be made: there is no encoder now. */
      readonly unread?: boolean;
    };
