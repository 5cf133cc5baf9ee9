/**
 * @file The built-in data set: synthetic textures like the eye's iris, unwrapped to a polar strip. No picture of any
 * eye is in it.
 *
 * A subject is a fixed texture, periodic in the angle. An image of it differs by what differs between photographs:
 * the head's rotation shifts the angle, light changes gain, offset and gradient, eyelids cover a part, and the sensor
 * adds noise. Light and eyelids move pixels further than identity does, so raw distances tell subjects apart badly.
 */
import { ArgumentError } from '../errors.js';
import { Generator } from '../random.js';
import type { Dataset } from './dataset.js';

/** Options of {@link irisTextures}. */
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

/** How many waves make a texture, and how strong what changes from image to image is. */
const WAVES = 10;
const IDENTITY = 0.36;
const ROTATION = 0.7;
const GAIN = 0.2;
const OFFSET = 0.8;
const GRADIENT = 1;
const EYELID = 1.6;
const NOISE = 0.12;

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
export function irisTextures({ subjects, imagesPerSubject, firstSubject = 0, seed = 0 }: IrisOptions): Dataset {
  for (const [name, value] of Object.entries({ subjects, imagesPerSubject })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new ArgumentError('irisTextures', `${name} must be a whole number, 1 or more, got ${value}`);
    }
  }
  const size = IRIS_RINGS * IRIS_ANGLES;
  const count = subjects * imagesPerSubject;
  const features = new Float32Array(count * size);
  for (let subject = 0; subject < subjects; subject++) {
    // A stream for each subject: its texture does not depend on how many others there are.
    const generator = new Generator(seed * 1_000_003 + firstSubject + subject);
    const amplitudes = waves.map(() => [generator.normal(), generator.normal()] as const);
    for (let image = 0; image < imagesPerSubject; image++) {
      const row = subject * imagesPerSubject + image;
      draw(features.subarray(row * size, (row + 1) * size), amplitudes, generator);
    }
  }
  return {
    features,
    count,
    size,
    shape: [1, IRIS_RINGS, IRIS_ANGLES],
    labels: Int32Array.from({ length: count }, (_, row) => Math.floor(row / imagesPerSubject)),
    groups: Int32Array.from({ length: count }, (_, row) => firstSubject + Math.floor(row / imagesPerSubject)),
    classes: Array.from({ length: subjects }, (_, index) => `subject ${firstSubject + index}`),
  };
}

function draw(strip: Float32Array, amplitudes: readonly (readonly [number, number])[], generator: Generator): void {
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
  for (let ring = 0; ring < IRIS_RINGS; ring++) {
    for (let angle = 0; angle < IRIS_ANGLES; angle++) {
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
      strip[ring * IRIS_ANGLES + angle] = value + NOISE * generator.normal();
    }
  }
}
