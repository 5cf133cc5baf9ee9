/** @file A trace as a walk-through for the terminal. */
import { Chalk } from 'chalk';
import { ArgumentError } from '../errors.js';
import { formatShape } from '../shape.js';
import { callOf, isPlainNumber, namesOf } from './names.js';
import { block, cellsOf, columns, cut, inline, padEnd } from './numbers.js';
import { texToText } from './tex-text.js';
import type { Numbers, Trace, TraceFlow } from './trace.js';

/** Options of {@link renderText}. */
export interface TextOptions {
  /** How many columns a line may take; what is longer ends in `…`. A whole number, 20 or more. Default 80. */
  readonly width?: number;
  /** Whether names, numbers and rules are coloured with the codes of a terminal. Default false. */
  readonly color?: boolean;
}

/** The parts of a walk-through, in the order in which they are read. */
export interface TextParts {
  /** The forward pass: every tensor, its formula and its value. */
  readonly forward: string;
  /** How to read the backward pass. */
  readonly legend: string;
  /** One part for each step of the backward pass, with a heading where its groups change. */
  readonly steps: readonly string[];
}

const { bold, cyan, dim, green, yellow } = new Chalk({ level: 1 });
const PAINT = { heading: bold, name: cyan, rule: dim, value: green, gradient: yellow } as const;
type Role = keyof typeof PAINT;
type Span = string | readonly [Role, string];

/** Writes lines that fit. */
class Page {
  readonly lines: string[] = [];
  readonly width: number;
  readonly #color: boolean;

  constructor(width: number, color: boolean) {
    this.width = width;
    this.#color = color;
  }

  line(...spans: readonly Span[]): void {
    let room = this.width;
    const painted = spans.map((span) => {
      const [role, whole] = typeof span === 'string' ? [null, span] : span;
      const text = room > 0 ? cut(whole, room) : '';
      room -= text === whole ? columns(text) : room;
      return role !== null && this.#color ? PAINT[role](text) : text;
    });
    this.lines.push(painted.join('').trimEnd());
  }

  /** Numbers behind a text where there is room, else below it. */
  numbers(before: readonly Span[], value: Numbers | null, role: Role): void {
    const used = before.reduce((sum, span) => sum + columns(typeof span === 'string' ? span : span[1]), 0);
    const cells = value === null ? [['too many numbers to list']] : cellsOf(value);
    const text = inline(cells);
    if (used + columns(text) <= this.width) this.line(...before, [role, text]);
    else {
      if (before.length > 0) this.line(...before);
      for (const row of block(cells, this.width - 6)) this.line('      ', [role, row]);
    }
  }

  /** A heading where the groups change. */
  groups(now: readonly string[], before: readonly string[]): void {
    if (now.join(' > ') === before.join(' > ')) return;
    this.line('');
    this.line(['heading', now.length === 0 ? 'outside the groups' : now.join(' > ')]);
  }

  text(): string {
    return this.lines.join('\n');
  }
}

/** {@link renderText} in parts, for a reader who takes one step at a time. */
export function textParts(trace: Trace, { width = 80, color = false }: TextOptions = {}): TextParts {
  if (!(Number.isInteger(width) && width >= 20)) {
    throw new ArgumentError('renderText', `width must be a whole number, 20 or more, got ${width}`);
  }
  const names = namesOf(trace);
  const legend = new Page(width, color);
  legend.line(['heading', 'Backward pass'], ', from the loss, whose own gradient is 1.');
  legend.line('ā is the derivative of the loss by a. ⊙ and ⊘ go element by element.');
  return {
    forward: forwardPass(trace, names, new Page(width, color)),
    legend: legend.text(),
    steps: backwardPass(trace, names, () => new Page(width, color)),
  };
}

function forwardPass({ tensors }: Trace, names: readonly string[], page: Page): string {
  page.line(['heading', 'Forward pass'], ', from the inputs to the loss.');
  let groups: readonly string[] = [];
  tensors.forEach((tensor, id) => {
    if (isPlainNumber(tensor)) return;
    page.groups(tensor.groups, groups);
    groups = tensor.groups;
    const shape = tensor.shape.length === 0 ? '' : `${formatShape(tensor.shape)} `;
    if (tensor.op === null) {
      page.numbers(['  ', ['name', names[id]!], ` ${shape}`], tensor.value, 'value');
      return;
    }
    page.line('  ', ['name', names[id]!], ` = ${callOf(tensor, names)}   `, ['rule', texToText(tensor.formula!)]);
    page.numbers([`    ${shape}`], tensor.value, 'value');
  });
  return page.text();
}

function backwardPass({ tensors, steps }: Trace, names: readonly string[], newPage: () => Page): string[] {
  const collected = new Map<number, Numbers | null>();
  const digits = String(steps.length).length;
  let groups: readonly string[] = [];
  return steps.map((step, index) => {
    const page = newPage();
    const tensor = tensors[step.tensor]!;
    page.groups(tensor.groups, groups);
    groups = tensor.groups;
    const formula = texToText(tensor.formula!);
    page.line(
      `${String(index + 1).padStart(digits)}. `,
      ['name', names[step.tensor]!],
      ` = ${callOf(tensor, names)}   `,
      ['rule', formula],
    );
    const labels = step.flows.map(({ to }) => `to ${names[to]}`);
    const wide = Math.max(...labels.map(columns), 'incoming'.length);
    page.numbers([`    ${padEnd('incoming', wide)}  `], tensor.gradient, 'gradient');
    step.flows.forEach((flow, i) => {
      flowLines(page, padEnd(labels[i]!, wide), flow, collected.get(flow.to));
      collected.set(flow.to, flow.total);
    });
    return page.text();
  });
}

/** What flows to one input; where something came there already, how both add up. */
function flowLines(page: Page, label: string, flow: TraceFlow, before: Numbers | null | undefined): void {
  const rule = texToText(flow.localDerivative);
  page.numbers([`    ${label}  `, ['rule', rule], '   '], flow.gradient, 'gradient');
  if (before === undefined) return;
  page.numbers([`    ${padEnd('+ earlier', columns(label))}  `], before, 'gradient');
  page.numbers([`    ${padEnd('= in all', columns(label))}  `], flow.total, 'gradient');
}

/**
 * A trace as a walk-through: the forward pass, tensor by tensor, then the backward pass, step by step, with the rule that
 * each operation applies, the numbers that flow to each of its inputs, and how several contributions add up.
 *
 * @param trace - What {@link trace} returned.
 * @returns Lines of at most `width` columns.
 * @throws {@link ArgumentError} when `width` is not a whole number, 20 or more.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { renderText, trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const text = renderText(trace(() => x.mul(x).add(x), { names: { x } }));
 * console.log(text.trimEnd().split('\n').at(-1)?.trim()); // = in all  7
 * ```
 */
export function renderText(trace: Trace, options: TextOptions = {}): string {
  const { forward, legend, steps } = textParts(trace, options);
  return `${forward}\n\n${legend}\n${steps.join('\n')}\n`;
}
