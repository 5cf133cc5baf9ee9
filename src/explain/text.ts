/** @file A trace as a walk-through for the terminal. */
import { Chalk } from 'chalk';
import { checkWhole, readOptions } from '../checks.js';
import { formatShape } from '../shape.js';
import { callOf, checkTrace, INNER_PASS, isPlainNumber, namesOf, printable } from './names.js';
import { block, type Cells, cellsOf, columns, cut, inline, largest, padEnd } from './numbers.js';
import { texToText } from './tex-text.js';
import type { Numbers, Trace, TraceFlow, TraceTensor } from './trace.js';

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
      const [role, given] = typeof span === 'string' ? [null, span] : span;
      const whole = printable(given);
      const text = room > 0 ? cut(whole, room) : '';
      room -= text === whole ? columns(text) : room;
      return role !== null && this.#color ? PAINT[role](text) : text;
    });
    this.lines.push(painted.join('').trimEnd());
  }

  /** Numbers behind a text where there is room; else below what ends the text, on one line or on several. */
  cells(before: readonly Span[], cells: Cells, role: Role): void {
    const lengthOf = (spans: readonly Span[]): number =>
      spans.reduce((sum, span) => sum + columns(typeof span === 'string' ? span : span[1]), 0);
    const text = inline(cells);
    if (lengthOf(before) + columns(text) <= this.width) {
      this.line(...before, [role, text]);
      return;
    }
    const label = before.length > 1 ? (before.at(-1) as string).trimStart() : '';
    this.line(...(label === '' ? before : before.slice(0, -1)));
    const head = `      ${label}`;
    const room = this.width - columns(head);
    const rows = columns(text) <= room ? [text] : block(cells, room);
    rows.forEach((row, i) => {
      this.line(i === 0 ? head : ' '.repeat(columns(head)), [role, row]);
    });
  }

  numbers(before: readonly Span[], value: Numbers | null, role: Role): void {
    this.cells(before, cellsOrNote(value), role);
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
export function textParts(trace: Trace, options?: TextOptions): TextParts {
  checkTrace('renderText', trace);
  const { width, color } = readOptions('renderText', options, { width: 80, color: false });
  checkWhole('renderText', 'width', width, 20);
  const names = namesOf(trace);
  const legend = new Page(width, color);
  legend.line(['heading', 'Backward pass'], ', from the loss, whose own gradient is 1.');
  if (trace.hasInnerPass) legend.line(INNER_PASS);
  legend.line('ā is the derivative of the loss by a. ⊙ and ⊘ go element by element.');
  return {
    forward: forwardPass(trace, names, new Page(width, color)),
    legend: legend.text(),
    steps: backwardPass(trace, names, () => new Page(width, color)),
  };
}

function forwardPass(trace: Trace, names: readonly string[], page: Page): string {
  page.line(['heading', 'Forward pass'], ', from the inputs to the loss.');
  let groups: readonly string[] = [];
  trace.tensors.forEach((tensor, id) => {
    if (isPlainNumber(tensor)) return;
    page.groups(tensor.groups, groups);
    groups = tensor.groups;
    const shape = tensor.shape.length === 0 ? '' : `${formatShape(tensor.shape)} `;
    if (tensor.op === null) page.numbers(['  ', ['name', names[id]!], `   ${shape}`], tensor.value, 'value');
    else page.numbers(['  ', ...headOf(trace, id, names), `   ${shape}`], tensor.value, 'value');
  });
  return page.text();
}

function backwardPass(trace: Trace, names: readonly string[], newPage: () => Page): string[] {
  const collected = new Map<number, Numbers | null>();
  const digits = String(trace.steps.length).length;
  let groups: readonly string[] = [];
  return trace.steps.map((step, index) => {
    const page = newPage();
    const tensor = trace.tensors[step.tensor]!;
    page.groups(tensor.groups, groups);
    groups = tensor.groups;
    const head = headOf(trace, step.tensor, names);
    page.numbers(
      [`${String(index + 1).padStart(digits)}. `, ...head, `   ${barOf(tensor)} = `],
      tensor.gradient,
      'gradient',
    );
    const labels = step.flows.map(({ to }) => `to ${names[to]}`);
    const wide = largest(labels.map(columns));
    step.flows.forEach((flow, i) => {
      flowLines(page, padEnd(labels[i]!, wide), flow, collected.get(flow.to));
      collected.set(flow.to, flow.total);
    });
    return page.text();
  });
}

/** How a result was computed: with its inputs, and as a formula. */
function headOf({ tensors }: Trace, id: number, names: readonly string[]): Span[] {
  const tensor = tensors[id]!;
  return [['name', names[id]!], ` = ${callOf(tensor, names)}   `, ['rule', texToText(tensor.formula!)]];
}

/** What the rules call the gradient of a result: the letter that its formula begins with, and a bar. */
const barOf = ({ formula }: TraceTensor): string => texToText(`\\bar ${/^\p{L}/u.exec(formula!)?.[0] ?? 'y'}`);

const SUM = '= its gradient so far';

/** What flows to one input; where something came there already, how both add up. */
function flowLines(page: Page, label: string, flow: TraceFlow, before: Numbers | null | undefined): void {
  const rule = texToText(flow.localDerivative);
  const parts = before === undefined ? [flow.gradient] : [flow.gradient, before, flow.total];
  const [sent, earlier, total] = alignedCells(parts);
  const used = columns(`${label}  ${rule}`);
  const wide = before === undefined ? used : Math.max(used, SUM.length);
  page.cells([`    ${label}  `, ['rule', rule], ' '.repeat(wide - used + 3)], sent!, 'gradient');
  if (before === undefined) return;
  page.cells([`    ${padEnd('+ what came before', wide + 3)}`], earlier!, 'gradient');
  page.cells([`    ${padEnd(SUM, wide + 3)}`], total!, 'gradient');
}

/** Numbers of one shape, the same places under each other. */
function alignedCells(values: readonly (Numbers | null)[]): Cells[] {
  if (values.length === 1 || values.includes(null)) return values.map(cellsOrNote);
  const rows = cellsOf(values.map((value) => (typeof value === 'object' ? value : [value])) as Numbers);
  const count = rows.length / values.length;
  const wide = largest(rows.flat().map((cell) => cell.length));
  return values.map((_, i) =>
    rows.slice(i * count, (i + 1) * count).map((row) => row.map((cell) => cell.padStart(wide))),
  );
}

const cellsOrNote = (value: Numbers | null): Cells =>
  value === null ? [['too many numbers to list']] : cellsOf(value);

/**
 * A trace as a walk-through: the forward pass, tensor by tensor, then the backward pass, step by step, with the rule that
 * each operation applies, the numbers that flow to each of its inputs, and how several contributions add up.
 *
 * @param trace - What `trace` returned.
 * @returns Lines of at most `width` columns.
 * @throws `ArgumentError` when `width` is not a whole number, 20 or more.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { renderText, trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const walk = trace(() => x.mul(x).add(x), { names: { x } });
 * const lines = renderText(walk).trimEnd().split('\n');
 * console.log(lines.at(-1)?.trim()); // = its gradient so far   7
 * ```
 */
export function renderText(trace: Trace, options?: TextOptions): string {
  const { forward, legend, steps } = textParts(trace, options);
  return `${forward}\n\n${legend}\n${steps.join('\n')}\n`;
}
