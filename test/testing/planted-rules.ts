/**
 * @file Rules with a mistake planted in their pull-back, and right ones, as plain data: what is checked is made from a description, so that another
 * library's checker can be given the same.
 */
import { abs, defineOp, Generator, type Tensor, tensor } from '../../src/index.js';

/** What is wrong with a pull-back. */
export type Mistake =
  /** The gradient times a number, of all elements, of one, or of those beyond a distance from 0. */
  | { readonly kind: 'factor'; readonly factor: number }
  | { readonly kind: 'element'; readonly factor: number; readonly element: number }
  | { readonly kind: 'far'; readonly factor: number; readonly beyond: number }
  /** A term is missing. */
  | { readonly kind: 'lost' }
  /** No gradient passes to the inputs, or to the gradient that came in: first order is right. */
  | { readonly kind: 'detached'; readonly what: 'x' | 'g' }
  /** The same, but for a factor in second order. */
  | { readonly kind: 'second'; readonly what: 'x' | 'g'; readonly factor: number };

/** A function $y = s f(x) + o$, at a point. */
export interface Described {
  readonly family: Family;
  readonly scale: number;
  readonly offset: number;
  readonly x: readonly number[];
  readonly order: 1 | 2;
  readonly mistake: Mistake | null;
}

interface Definition {
  readonly forward: (x: Tensor) => Tensor;
  readonly pull: (g: Tensor, x: Tensor) => Tensor;
  /** The pull-back with a term less. */
  readonly lost?: (g: Tensor, x: Tensor) => Tensor;
}

const elementwise = (forward: (x: Tensor) => Tensor, slope: (x: Tensor) => Tensor): Definition => ({
  forward,
  pull: (g, x) => g.mul(slope(x)),
});
/** 1 - tanh². */
const sech2 = (x: Tensor): Tensor => x.tanh().square().neg().add(1);
const matrix = ({ size: n, dtype }: Tensor): Tensor =>
  tensor(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Math.cos(1 + 3 * i + j))),
    { dtype },
  );
const times = (m: Tensor, x: Tensor): Tensor => m.mul(x).sum({ axis: 1 });

/** The name of a function. */
export type Family = (typeof NAMES)[number];

const NAMES = [
  'linear',
  'square',
  'cube',
  'tanh',
  'exp',
  'sigmoid',
  'softplus',
  'log',
  'sqrt',
  'reciprocal',
  'gauss',
  'product',
  'relu',
  'abs',
  'hinge',
  'softmax',
  'logSumExp',
  'norm',
  'centred',
  'matrix',
] as const;

const families: Record<Family, Definition> = {
  linear: elementwise(
    (x) => x.mul(3),
    (x) => x.mul(0).add(3),
  ),
  square: elementwise(
    (x) => x.mul(x),
    (x) => x.mul(2),
  ),
  cube: elementwise(
    (x) => x.mul(x).mul(x),
    (x) => x.mul(x).mul(3),
  ),
  tanh: elementwise((x) => x.tanh(), sech2),
  exp: elementwise(
    (x) => x.exp(),
    (x) => x.exp(),
  ),
  sigmoid: elementwise(
    (x) => x.sigmoid(),
    (x) => x.sigmoid().mul(x.neg().sigmoid()),
  ),
  softplus: elementwise(
    (x) => x.softplus(),
    (x) => x.sigmoid(),
  ),
  log: elementwise(
    (x) => x.log(),
    (x) => x.reciprocal(),
  ),
  sqrt: elementwise(
    (x) => x.sqrt(),
    (x) => x.sqrt().reciprocal().mul(0.5),
  ),
  reciprocal: elementwise(
    (x) => x.reciprocal(),
    (x) => x.mul(x).reciprocal().neg(),
  ),
  gauss: elementwise(
    (x) => x.mul(x).neg().exp(),
    (x) => x.mul(x).neg().exp().mul(x).mul(-2),
  ),
  product: {
    ...elementwise(
      (x) => x.mul(x.tanh()),
      (x) => x.tanh().add(x.mul(sech2(x))),
    ),
    lost: (g, x) => g.mul(x.tanh()),
  },
  relu: elementwise(
    (x) => x.relu(),
    (x) => x.greater(0).cast(x.dtype),
  ),
  abs: elementwise(
    (x) => x.abs(),
    (x) => x.greater(0).cast(x.dtype).mul(2).sub(1),
  ),
  hinge: elementwise(
    (x) => x.relu().mul(x.relu()),
    (x) => x.relu().mul(2),
  ),
  softmax: {
    forward: (x) => x.softmax(),
    pull: (g, x) => x.softmax().mul(g.sub(g.mul(x.softmax()).sum())),
    lost: (g, x) => x.softmax().mul(g),
  },
  logSumExp: {
    forward: (x) => x.logSumExp(),
    pull: (g, x) => g.mul(x.softmax()),
  },
  norm: {
    forward: (x) => x.mul(x).sum().sqrt(),
    pull: (g, x) => g.mul(x).div(x.mul(x).sum().sqrt()),
  },
  centred: {
    forward: (x) => x.sub(x.mean()).mul(x),
    pull: (g, x) => g.mul(x.mul(2).sub(x.mean())).sub(g.mul(x).mean()),
    lost: (g, x) => g.mul(x.mul(2).sub(x.mean())),
  },
  matrix: {
    forward: (x) => times(matrix(x), x),
    pull: (g, x) => times(matrix(x).transpose(), g),
    lost: (g, x) => times(matrix(x), g),
  },
};

/** Gives its input, and its gradient times a number. */
function twisted(x: Tensor, factor: number): Tensor {
  return defineOp<readonly [Tensor]>({
    name: 'twisted',
    formula: 'y = x',
    localDerivative: [''],
    forward: ([x]) => x.mul(1),
    pullBack: [(g) => g.mul(factor)],
  })([x]);
}

function mistaken({ pull, lost }: Definition, mistake: Mistake | null): Definition['pull'] {
  switch (mistake?.kind) {
    case undefined:
      return pull;
    case 'factor':
      return (g, x) => pull(g, x).mul(mistake.factor);
    case 'element':
      return (g, x) => {
        const factors = Array.from({ length: x.size }, (_, i) => (i === mistake.element ? mistake.factor : 1));
        return pull(g, x).mul(tensor(factors, { dtype: 'float64' }));
      };
    case 'far':
      return (g, x) =>
        pull(g, x).mul(
          abs(x.detach())
            .greater(mistake.beyond)
            .cast('float64')
            .mul(mistake.factor - 1)
            .add(1),
        );
    case 'lost':
      return lost!;
    case 'detached':
      return (g, x) => (mistake.what === 'x' ? pull(g, x.detach()) : pull(g.detach(), x));
    case 'second':
      return (g, x) =>
        mistake.what === 'x' ? pull(g, twisted(x, mistake.factor)) : pull(twisted(g, mistake.factor), x);
  }
}

/** The function, with the pull-back that is described. */
export function functionOf({ family, scale, offset, mistake }: Described): (x: Tensor) => Tensor {
  const definition = families[family];
  const pull = mistaken(definition, mistake);
  const op = defineOp<readonly [Tensor]>({
    name: family,
    formula: 'y = s f(x) + o',
    localDerivative: [''],
    forward: ([x]) => definition.forward(x).mul(scale).add(offset),
    pullBack: [(g, { inputs: [x] }) => pull(g.mul(scale), x)],
  });
  return (x) => op([x]);
}

/** Draws descriptions. */
class Draw extends Generator {
  of<Item>(list: readonly Item[]): Item {
    return list[this.integer(list.length)]!;
  }

  /** A power of ten, with an exponent between two. */
  power(low: number, high: number): number {
    return 10 ** (low + (high - low) * this.uniform());
  }

  numbers(count: number, make: () => number): number[] {
    return Array.from({ length: count }, make);
  }

  /** Between 0.3 and 2, of either sign unless the function has none. */
  near(family: Family): number {
    const size = 0.3 + 1.7 * this.uniform();
    return positive.includes(family) || this.integer(2) === 0 ? size : -size;
  }
}

const positive: readonly Family[] = ['log', 'sqrt', 'relu', 'hinge'];
const kinked: readonly Family[] = ['relu', 'abs', 'hinge'];
const curved: readonly Family[] = NAMES.filter((family) => !['linear', 'relu', 'abs', 'matrix'].includes(family));
/** Those with nothing to be wrong at one element. */
const joint: readonly Family[] = ['softmax', 'logSumExp', 'norm', 'centred', 'matrix'];
/** Those whose slope does not fade far from 0. */
const far: readonly Family[] = ['linear', 'square', 'cube', 'log', 'sqrt', 'product', 'relu', 'abs'];
const FACTORS = [-1, 0, 0.5, 0.9, 0.99, 0.999, 1.001, 1.003, 1.01, 1.03, 1.1, 1.3, 2] as const;
const SIZES = [1e-6, 1e-4, 1e-2, 1, 1e2, 1e4, 1e6] as const;

/** Wrong rules, every kind of mistake equally often. */
export function plantedRules(count: number, seed: number): Described[] {
  const draw = new Draw(seed);
  return draw
    .numbers(count, () => 0)
    .map((_, i): Described => {
      const scale = draw.of(SIZES);
      const offset = draw.of([0, 0, 1, 100, -1e4, 1e6]) * scale;
      const size = 1 + draw.integer(4);
      const kind = i % 10;
      const pick = (list: readonly Family[]): Family => draw.of(list);
      const make = (family: Family, mistake: Mistake, order: 1 | 2 = 1, x?: number[]): Described => ({
        family,
        scale,
        offset,
        order,
        mistake,
        x: x ?? draw.numbers(Math.max(size, joint.includes(family) ? 2 : 1), () => draw.near(family)),
      });
      const factor = draw.of(FACTORS);
      const element = draw.integer(size);
      const infinite = draw.of([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]);
      const what = draw.of(['x', 'g'] as const);
      const several = NAMES.filter((family) => !['softmax', 'logSumExp'].includes(family));
      switch (kind) {
        case 0:
          return make(pick(several), { kind: 'factor', factor: -1 });
        case 1:
        case 2:
          return make(pick(several), { kind: 'factor', factor });
        case 3:
          return make(pick(['product', 'softmax', 'centred', 'matrix']), { kind: 'lost' });
        case 4:
          return make(pick(NAMES), { kind: 'element', factor: infinite, element });
        case 5:
          return make(pick(curved), { kind: 'detached', what }, 2);
        case 6:
          return make(pick(curved), { kind: 'second', what, factor }, 2);
        case 7: {
          const beyond = draw.of([3, 30, 1e3, 1e6]);
          const family = pick(far);
          const points = draw.numbers(size, () => Math.sign(draw.near(family)) * beyond * draw.power(0.1, 1.5));
          return make(family, { kind: 'far', factor, beyond }, 1, points);
        }
        default:
          return make(pick(several), { kind: 'element', factor, element });
      }
    });
}

/** Right rules: near kinks and at them, beside large offsets, at tiny and at huge inputs. */
export function rightRules(count: number, seed: number): Described[] {
  const draw = new Draw(seed);
  return draw
    .numbers(count, () => 0)
    .map((_, i): Described => {
      const scale = draw.of(SIZES);
      const size = 1 + draw.integer(4);
      const signed = (family: Family, make: () => number): number[] =>
        draw.numbers(size, () => Math.sign(draw.near(family)) * make());
      const common = { scale, offset: draw.of([0, 1, -100]) * scale, order: draw.of([1, 2] as const), mistake: null };
      switch (i % 5) {
        case 0: {
          const family = draw.of(NAMES);
          return { ...common, family, x: draw.numbers(size, () => draw.near(family)) };
        }
        case 1: {
          const family = draw.of(kinked);
          const x = draw.numbers(size + 1, () => (draw.integer(2) ? 1 : -1) * draw.power(-9, -1));
          // The kink itself, beside a point that is away from it.
          return { ...common, family, x: draw.integer(4) === 0 ? [...x, 0] : x };
        }
        case 2: {
          const family = draw.of(NAMES);
          const x = draw.numbers(size, () => draw.near(family));
          return { ...common, family, x, offset: scale * draw.power(3, 10) };
        }
        case 3: {
          const family = draw.of(NAMES.filter((name) => !kinked.includes(name) && name !== 'norm'));
          return { ...common, family, x: signed(family, () => draw.power(-12, -2)) };
        }
        default: {
          const family = draw.of(far);
          return { ...common, family, x: signed(family, () => draw.power(1, 8)) };
        }
      }
    });
}
