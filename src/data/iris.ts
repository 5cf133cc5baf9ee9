/**
 * @file The built-in data set: synthetic textures like the eye's iris, unwrapped to a polar strip. No picture of any
 * eye is in it.
 *
 * A subject is a fixed texture, periodic in the angle. An image of it differs by what differs between photographs:
 * the head's rotation shifts the angle, light changes gain, offset and gradient, eyelids cover a part, and the sensor
 * adds noise. Light and eyelids move pixels further than identity does, so raw distances tell subjects apart badly.
 */
import { checkWhole, readOptions } from '../checks.js';
import { checkElements } from '../dtype.js';
import { Generator } from '../random.js';
import { checkSize, sizeOf } from '../shape.js';
import type { Dataset } from './dataset.js';

/** Options of {@link irisTextures} and {@link irisImages}. */
export interface IrisOptions {
  /** How many subjects. */
  readonly subjects: number;
  /** How many images of each. */
  readonly imagesPerSubject: number;
  /** Which subjects: two sets with ranges that do not overlap have no subject in common. Default 0. */
  readonly firstSubject?: number;
  /** Seeds textures and images. Default 0. */
  readonly seed?: number;
}

/** The strip's size: rings from the pupil outwards, and angles around it. */
export const IRIS_RINGS = 8;
/** See {@link IRIS_RINGS}. */
export const IRIS_ANGLES = 32;

/** The side of an image of an eye, in pixels. */
export const IRIS_PIXELS = 64;

/** How many waves make a texture, and how strong what changes from image to image is. */
const WAVES = 10;
const IDENTITY = 0.36;
const ROTATION = 0.7;
const GAIN = 0.2;
const OFFSET = 0.8;
const GRADIENT = 1;
const EYELID = 1.6;
const NOISE = 0.12;

/** The radii of pupil and iris in an image, in pixels and the values where there is no iris. */
const PUPIL = 9;
const IRIS = 27;
const DARK = -4;
const WHITE = 4;
/** How a value shows in red, green and blue, from 0 to 1: `base + gain x value`. */
const COLOURS = [
  { base: 0.52, gain: 0.095 },
  { base: 0.46, gain: 0.085 },
  { base: 0.42, gain: 0.075 },
] as const;

/** The waves that all textures are made of: how often each goes around, and how it runs from ring to ring. */
const waves = Array.from({ length: WAVES }, (_, index) => ({
  around: 2 + Math.floor(index / 2),
  outward: (index % 2 === 0 ? 0.5 : 1) * Math.PI,
}));

/**
 * Synthetic iris strips: `subjects` x `imagesPerSubject` rows of 8 x 32 features, labelled by subject.
 *
 * @throws `ArgumentError` unless both numbers are whole and at least 1.
 *
 * @example
 * ```ts
 * import { irisTextures } from 'contragrad/data';
 *
 * const { count, size } = irisTextures({ subjects: 3, imagesPerSubject: 4 });
 * console.log(count, size); // 12 256
 * ```
 */
export function irisTextures(options: IrisOptions): Dataset {
  return photographs('irisTextures', options, [1, IRIS_RINGS, IRIS_ANGLES], (strip, value, generator) => {
    for (let ring = 0; ring < IRIS_RINGS; ring++) {
      for (let angle = 0; angle < IRIS_ANGLES; angle++) {
        strip[ring * IRIS_ANGLES + angle] = value(ring, angle) + NOISE * generator.normal();
      }
    }
  });
}

/**
 * Synthetic images like those of an eye: `subjects` x `imagesPerSubject` rows of shape `[3, 64, 64]`, from 0 to 1,
 * labelled by subject. A subject's texture is that of {@link irisTextures}, drawn around a dark pupil; images of it differ
 * by the same: rotation, light, eyelids and noise.
 *
 * @throws `ArgumentError` unless both numbers are whole and at least 1.
 *
 * @example
 * ```ts
 * import { irisImages } from 'contragrad/data';
 *
 * const { count, shape } = irisImages({ subjects: 2, imagesPerSubject: 2 });
 * console.log(count, shape); // 4 [ 3, 64, 64 ]
 * ```
 */
export function irisImages(options: IrisOptions): Dataset {
  const plane = IRIS_PIXELS ** 2;
  const middle = (IRIS_PIXELS - 1) / 2;
  return photographs('irisImages', options, [3, IRIS_PIXELS, IRIS_PIXELS], (image, value, generator) => {
    for (let at = 0; at < plane; at++) {
      const [down, right] = [Math.floor(at / IRIS_PIXELS) - middle, (at % IRIS_PIXELS) - middle];
      const radius = Math.hypot(down, right);
      const ring = ((radius - PUPIL) / (IRIS - PUPIL)) * IRIS_RINGS;
      const angle = ((Math.atan2(down, right) / (2 * Math.PI) + 1) % 1) * IRIS_ANGLES;
      // The rims are soft: a pixel wide.
      const pupil = Math.min(Math.max(PUPIL - radius + 0.5, 0), 1);
      const white = Math.min(Math.max(radius - IRIS + 0.5, 0), 1);
      const share = 1 - pupil - white;
      const iris = share > 0 ? value(Math.min(Math.max(ring, 0), IRIS_RINGS), angle) : 0;
      const shade = pupil * DARK + white * WHITE + share * iris;
      COLOURS.forEach(({ base, gain }, channel) => {
        const light = base + gain * (shade + NOISE * generator.normal());
        image[channel * plane + at] = Math.min(Math.max(light, 0), 1);
      });
    }
  });
}

/** What a photograph shows at a ring and an angle, without the sensor's noise. */
type Value = (ring: number, angle: number) => number;

function photographs(
  op: string,
  options: IrisOptions,
  shape: readonly number[],
  draw: (row: Float32Array, value: Value, generator: Generator) => void,
): Dataset {
  const defaults = { subjects: Number.NaN, imagesPerSubject: Number.NaN, firstSubject: 0, seed: 0 };
  const { subjects, imagesPerSubject, firstSubject, seed } = readOptions(op, options, defaults);
  checkWhole(op, 'subjects', subjects);
  checkWhole(op, 'imagesPerSubject', imagesPerSubject);
  checkWhole(op, 'firstSubject', firstSubject, 0);
  checkWhole(op, 'seed', seed, 0);
  checkElements(op, 'int32', [firstSubject + subjects]);
  const size = sizeOf(shape);
  const count = subjects * imagesPerSubject;
  checkSize(op, [count, size]);
  const features = new Float32Array(count * size);
  for (let subject = 0; subject < subjects; subject++) {
    // A stream for each subject: its texture does not depend on how many others there are.
    const generator = new Generator(seed * 1_000_003 + firstSubject + subject);
    const amplitudes = waves.map(() => [generator.normal(), generator.normal()] as const);
    for (let image = 0; image < imagesPerSubject; image++) {
      const row = subject * imagesPerSubject + image;
      draw(features.subarray(row * size, (row + 1) * size), photograph(amplitudes, generator), generator);
    }
  }
  return {
    features,
    count,
    size,
    shape,
    labels: Int32Array.from({ length: count }, (_, row) => Math.floor(row / imagesPerSubject)),
    classes: Array.from({ length: subjects }, (_, index) => `subject ${firstSubject + index}`),
    groups: Int32Array.from({ length: count }, (_, row) => firstSubject + Math.floor(row / imagesPerSubject)),
  };
}

/** Draws what differs between two photographs of a subject. */
function photograph(amplitudes: readonly (readonly [number, number])[], generator: Generator): Value {
  const symmetric = (width: number): number => (2 * generator.uniform() - 1) * width;
  const shift = symmetric(ROTATION);
  const gain = 1 + symmetric(GAIN);
  const offset = OFFSET * generator.normal();
  const slope = GRADIENT * generator.normal();
  const direction = symmetric(Math.PI);
  const lids = [0.25, 0.75].map((middle) => ({
    middle,
    depth: generator.uniform() * IRIS_RINGS * 0.6,
    shade: symmetric(EYELID),
  }));
  return (ring, angle) => {
    const turn = (2 * Math.PI * (angle + shift)) / IRIS_ANGLES;
    let value = 0;
    waves.forEach(({ around, outward }, index) => {
      const phase = around * turn + (outward * ring) / IRIS_RINGS;
      const [p, q] = amplitudes[index]!;
      value += IDENTITY * (p * Math.cos(phase) + q * Math.sin(phase));
    });
    value = gain * value + offset + slope * Math.cos((2 * Math.PI * angle) / IRIS_ANGLES - direction);
    for (const { middle, depth, shade } of lids) {
      // An eyelid comes in from the outer rings, deepest at its middle, with a soft edge.
      const away = (angle / IRIS_ANGLES - middle) * 2 * Math.PI;
      const edge = IRIS_RINGS - depth * Math.max(Math.cos(away), 0);
      const cover = 1 / (1 + Math.exp(-2 * (ring - edge)));
      value = (1 - cover) * value + cover * shade;
    }
    return value;
  };
}
