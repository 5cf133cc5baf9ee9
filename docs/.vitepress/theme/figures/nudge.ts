/** @file A chain of functions of one number: values and gradients by the engine, and the same by nudging the number. */
import { grad, type Tensor, tensor } from '../../../../src/index.js';
import { digits, enough, numberOf, significant } from './numbers.js';

/** One function of the chain, as the engine computes it and as it is written. */
interface Step {
  readonly name: string;
  /** The result's letter and how it is made, by the letter of what goes in. */
  readonly text: (input: string) => string;
  /** Its derivative, by the letters of what goes in and of the result. */
  readonly slope: (input: string, result: string) => string;
  readonly apply: (input: Tensor) => Tensor;
}

const square: Step = {
  name: 'square',
  text: (u) => `${u}²`,
  slope: (u) => `2${u}`,
  apply: (u) => u.square(),
};
const minus: Step = { name: 'minus', text: (u) => `−${u}`, slope: () => '−1', apply: (u) => u.neg() };
const twice: Step = { name: 'times 2', text: (u) => `2${u}`, slope: () => '2', apply: (u) => u.mul(2) };
const exponential: Step = { name: 'exp', text: (u) => `exp ${u}`, slope: (_, y) => y, apply: (u) => u.exp() };
const tangent: Step = {
  name: 'tanh',
  text: (u) => `tanh ${u}`,
  slope: (_, y) => `1 − ${y}²`,
  apply: (u) => u.tanh(),
};

/** A chain by name. */
export type ChainName = 'bell' | 'squashedSquare' | 'squaredTanh';

/** The chains, by name, and how each is written as one formula. */
export const chains: Readonly<Record<ChainName, { readonly label: string; readonly steps: readonly Step[] }>> = {
  bell: { label: 'y = exp(−x²)', steps: [square, minus, exponential] },
  squashedSquare: { label: 'y = tanh(x²)', steps: [square, tangent] },
  squaredTanh: { label: 'y = (tanh 2x)²', steps: [twice, tangent, square] },
};

/** x stays this close to 0. */
export const FURTHEST = 2;

/** The nudges are counted down from 1: so many are there, and this many make one ten times smaller. */
export const NUDGES = 16;
export const NUDGES_A_DECADE = 3;

/** A nudge by its place: 1, 0.5, 0.2, 0.1, 0.05, … */
export function nudgeAt(place: number): number {
  const decade = Math.floor(place / NUDGES_A_DECADE);
  const [factor, power] = [[1, 5, 2][place % NUDGES_A_DECADE]!, place % NUDGES_A_DECADE === 0 ? decade : decade + 1];
  return Number(`${factor}e-${power}`);
}

/** Where the figure begins. */
export const START = { name: 'bell', x: 1.2, place: 1 } as const;

/** A number of the chain. */
export interface ChainNode {
  readonly letter: string;
  /** How it is made; empty for x. */
  readonly text: string;
  readonly value: number;
  /** The derivative of the last node by this one, by the backward pass. */
  readonly gradient: number;
  /** Its own derivative by the node before, by the backward pass of this step alone; 1 for x. */
  readonly local: number;
  readonly localText: string;
  /** How far the nudge of x moves this node. */
  readonly moved: number;
  /** How far the nudge moves the last node, over how far it moves this one; NaN where it moves it not at all. */
  readonly quotient: number;
}

const float64 = { dtype: 'float64', requiresGrad: true } as const;

function run(name: ChainName, x: Tensor): Tensor[] {
  const made = [x];
  for (const { apply } of chains[name].steps) made.push(apply(made.at(-1)!));
  return made;
}

/** The last node's value at a number. */
export const valueAt = (name: ChainName, x: number): number => run(name, tensor(x, float64)).at(-1)!.item();

/** All numbers of a chain at x, and what a nudge of x by h does to them. */
export function nudged(name: ChainName, x: number, h: number): ChainNode[] {
  const nodes = run(name, tensor(x, float64));
  const values = nodes.map((node) => node.item());
  const gradients = grad(nodes.at(-1)!, nodes).map((gradient) => gradient.item());
  const moved = run(name, tensor(x + h, float64)).map((node, i) => node.item() - values[i]!);
  const { steps } = chains[name];
  const letters = ['x', ...['u', 'v', 'w'].slice(0, steps.length - 1), 'y'];
  return nodes.map((_, i) => {
    const [step, before] = [steps[i - 1], letters[i - 1]!];
    const input = step && tensor(values[i - 1]!, float64);
    return {
      letter: letters[i]!,
      text: step?.text(before) ?? '',
      value: values[i]!,
      gradient: gradients[i]!,
      local: step ? grad(step.apply(input!), [input!])[0]!.item() : 1,
      localText: step?.slope(before, letters[i]!) ?? '',
      moved: moved[i]!,
      quotient: moved[i] === 0 ? Number.NaN : moved.at(-1)! / moved[i]!,
    };
  });
}

/** The two ways to the gradient as they are written: whoever reckons with the numbers shown gets the results shown. */
export interface Sums {
  /** The slopes of the steps. */
  readonly slopes: readonly string[];
  /** Their product. */
  readonly gradient: string;
  /** How far y moves, by how much x is nudged, and the one over the other. */
  readonly rise: string;
  readonly nudge: string;
  readonly quotient: string;
  /** Gradient and quotient, one less the other. */
  readonly apart: string;
}

/** Both sums, with four digits or as many more as it takes. */
export function sumsOf(nodes: readonly ChainNode[], h: number): Sums {
  const { gradient, quotient } = nodes[0]!;
  const locals = nodes.slice(1).map(({ local }) => local);
  const rise = nodes.at(-1)!.moved;
  const apart = significant(Math.abs(gradient - quotient), 2);
  const results = (count: number) => [significant(gradient, count), significant(quotient, count)] as const;
  const count = enough(4, (c) => {
    const [a, b] = results(c).map(numberOf) as [number, number];
    return significant(Math.abs(a - b), 2) === apart;
  });
  const [gradientText, quotientText] = results(count);
  const slopes = (c: number): string[] => locals.map((local) => digits(local, c));
  const isProduct = (c: number): boolean =>
    significant(
      slopes(c).reduce((product, slope) => product * numberOf(slope), 1),
      count,
    ) === gradientText;
  const isQuotient = (c: number): boolean => significant(numberOf(digits(rise, c)) / h, count) === quotientText;
  return {
    slopes: slopes(enough(4, isProduct)),
    gradient: gradientText,
    rise: digits(rise, enough(4, isQuotient)),
    nudge: digits(h, 1),
    quotient: quotientText,
    apart,
  };
}
