/** @file Augmentations by name: `noise=0.3,shift=1:wrap`. */
import {
  type Augmentation,
  brightness,
  compose,
  contrast,
  crop,
  cutOut,
  type Fill,
  featureDropout,
  horizontalFlip,
  noise,
  resizedCrop,
  rotation,
  shift,
  verticalFlip,
} from '../data/index.js';
import { ArgumentError, ContragradError } from '../index.js';
import { type Settings, viewsOf } from './settings.js';

/** What views differ in unless something else is asked for, in standard deviations. */
const DEFAULT = 'noise=0.3';

type Make = (amount: number | undefined, fill: { readonly fill?: Fill }) => Augmentation;

/** The names, what their number is, and what they make. */
const KINDS: Readonly<Record<string, { readonly amount: string; readonly fills?: boolean; readonly make: Make }>> = {
  noise: { amount: 'standard deviation', make: (s) => noise(s) },
  shift: { amount: 'pixels', fills: true, make: (most, fill) => shift(most, fill) },
  crop: { amount: 'pixels of padding', fills: true, make: (padding, fill) => crop(padding, fill) },
  'resized-crop': {
    amount: 'least share of the area',
    make: (least) => resizedCrop(least === undefined ? {} : { scale: [least, 1] }),
  },
  'horizontal-flip': { amount: 'chance', make: (chance) => horizontalFlip(chance) },
  'vertical-flip': { amount: 'chance', make: (chance) => verticalFlip(chance) },
  rotation: { amount: 'degrees', make: (most) => rotation(most) },
  'cut-out': { amount: 'pixels', make: (size) => cutOut(size) },
  'feature-dropout': { amount: 'chance', make: (chance) => featureDropout(chance) },
  brightness: { amount: 'most', make: (most) => brightness(most) },
  contrast: { amount: 'most', make: (most) => contrast(most) },
};

/** The names with what their number is, for the help. */
export const AUGMENTATIONS: string = Object.entries(KINDS)
  .map(([name, { amount, fills }]) => `${name}=<${amount}>${fills ? '[:zero|edge|wrap]' : ''}`)
  .join(', ');

/**
 * The augmentation that the settings ask for; null where they ask for none.
 *
 * @throws `ArgumentError` on a name, number or fill that does not exist.
 */
export function augmentationOf(settings: Settings): Augmentation | null {
  const { augment = viewsOf(settings) === 'augmented' ? DEFAULT : undefined } = settings;
  return augment === undefined ? null : compose(augment.split(',').map(parse));
}

function parse(text: string): Augmentation {
  const [, name = '', number, fill] = /^([a-z-]*)(?:=([^:]*))?(?::(.*))?$/.exec(text.trim()) ?? [];
  const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  const refuse = (problem: string, hint?: string): never => {
    throw new ArgumentError('--augment', problem, hint);
  };
  if (kind === undefined) return refuse(`must be of ${Object.keys(KINDS).join(', ')}, got ${JSON.stringify(text)}`);
  const amount = number === undefined ? undefined : Number(number);
  if (number?.trim() === '' || Number.isNaN(amount))
    refuse(`${name} takes a number (${kind.amount}), got ${JSON.stringify(number)}`);
  if (fill !== undefined && !kind.fills) refuse(`${name} takes no fill, got ${JSON.stringify(fill)}`);
  try {
    return kind.make(amount, fill === undefined ? {} : { fill: fill as Fill });
  } catch (error) {
    if (error instanceof ContragradError) return refuse(error.message);
    throw error;
  }
}
