/** @file A chain of functions of one number: values and gradients by the engine, and the same by nudging the number. */
import { grad, type Tensor, tensor } from '../../../../src/index.js';

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
