/** @file How classes are told apart: by colour, shape and name. */
import { dot, plot } from '@observablehq/plot';
import type { Sample } from '../data.js';
import { drawn } from './element.js';

/** Seven shapes and eight colours have no common divisor: 56 classes look different. */
const COLORS = 8;
const SHAPES = ['circle', 'square', 'triangle', 'diamond', 'cross', 'star', 'wye'] as const;
/** How many classes look different from each other. */
export const DIFFERENT: number = COLORS * SHAPES.length;

/** The names, colours and shapes of classes. */
export class Classes {
  readonly #names: readonly string[];
  readonly #outlines = new Map<string, string>();

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  nameOf(label: number): string {
    return label < 0 ? 'no class' : (this.#names[label] ?? `class ${label}`);
  }

  /** A CSS colour. */
  colorOf(label: number): string {
    return `var(--class-${label < 0 ? 0 : label % COLORS})`;
  }

  shapeOf(label: number): (typeof SHAPES)[number] {
    return SHAPES[label < 0 ? 0 : label % SHAPES.length]!;
  }

  /** A small picture of a class' mark, as the drawing has it. */
  markOf(label: number): SVGSVGElement {
    const path = drawn('path', { d: this.#outline(this.shapeOf(label)) });
    path.style.fill = this.colorOf(label);
    return drawn('svg', { width: 14, height: 14, viewBox: '-7 -7 14 14', class: 'mark', 'aria-hidden': 'true' }, path);
  }

  #outline(shape: (typeof SHAPES)[number]): string {
    let outline = this.#outlines.get(shape);
    if (outline === undefined) {
      const sample = plot({ axis: null, marks: [dot([0], { x: 0, y: 0, r: 4.5, symbol: () => shape })] });
      outline = sample.querySelector('path')?.getAttribute('d') ?? '';
      this.#outlines.set(shape, outline);
    }
    return outline;
  }
}

/** The classes that occur, rising. */
export function labelsOf(samples: readonly Sample[]): number[] {
  return [...new Set(samples.map(({ label }) => label))].sort((p, q) => p - q);
}
