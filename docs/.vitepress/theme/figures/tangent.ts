/** @file A point, its direction, and what normalisation leaves of a gradient: the part along the circle. */
import { grad, normalize, square, sub, sum, tensor } from '../../../../src/index.js';
import type { Point } from '../parts/point.js';

/** What the gradient is before and after it has gone back through the normalisation. */
export interface Projection {
  /** z over its length. */
  readonly unit: Point;
  readonly length: number;
  readonly loss: number;
  /** The gradient at the unit vector. */
  readonly before: Point;
  /** Its parts along the radius and along the tangent. */
  readonly radial: Point;
  readonly tangential: Point;
  /** The gradient at z. */
  readonly after: Point;
  /** How long those are along the radius, outwards positive. */
  readonly radialBefore: number;
  readonly radialAfter: number;
  /** How long they are along the tangent, to the left of the radius positive. */
  readonly tangentBefore: number;
  readonly tangentAfter: number;
}

const dot = ([a, b]: Point, [c, d]: Point): number => a * c + b * d;

/** The loss ½‖ẑ − t‖² of a point and a target, and its gradients by the engine; undefined at the origin, which has no direction. */
export function projection(point: Point, target: Point): Projection | undefined {
  const length = Math.hypot(...point);
  if (length < 1e-9) return undefined;
  const z = tensor([...point], { dtype: 'float64', requiresGrad: true });
  const t = tensor([...target], { dtype: 'float64' });
  const direction = normalize(z);
  const loss = sum(square(sub(direction, t))).mul(0.5);
  const [before, after] = grad(loss, [direction, z]).map((gradient) => gradient.toArray() as Point);
  const unit = direction.toArray() as Point;
  const left: Point = [-unit[1], unit[0]];
  const [radialBefore, tangentBefore] = [dot(before!, unit), dot(before!, left)];
  return {
    unit,
    length,
    loss: loss.item(),
    before: before!,
    radial: [radialBefore * unit[0], radialBefore * unit[1]],
    tangential: [tangentBefore * left[0], tangentBefore * left[1]],
    after: after!,
    radialBefore,
    radialAfter: dot(after!, unit),
    tangentBefore,
    tangentAfter: dot(after!, left),
  };
}

/** The plane of the figure reaches so far from the origin. */
export const EXTENT = 2.25;

/** How far a step goes along minus the gradient. */
export const RATE = 0.5;

/** Where the figure begins: the target lies on the unit circle. */
export const START: { readonly z: Readonly<Point>; readonly target: Readonly<Point> } = {
  z: [1, 0.9],
  target: [5 / Math.sqrt(29), -2 / Math.sqrt(29)],
};

/** The point one step of gradient descent further. */
export const stepped = ([x, y]: Point, { after }: Projection): Point => [x - RATE * after[0], y - RATE * after[1]];
