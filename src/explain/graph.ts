/** @file The graph of a trace as boxes and arrows, with groups folded into one box each where that is wanted. */
import { wrong } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { formatShape } from '../shape.js';
import { callOf, isPlainNumber, namesOf, printable } from './names.js';
import { block, cellsOf, cut, inline } from './numbers.js';
import type { Numbers, Trace, TraceTensor } from './trace.js';

/** Options of the pictures of a graph. */
export interface GraphOptions {
  /** Groups to draw as one box each: by their names, or `'all'`. Default: none. */
  readonly fold?: readonly string[] | 'all';
}

/** A tensor of the graph, or a folded group. */
export interface Box {
  readonly id: number;
  readonly kind: 'input' | 'constant' | 'operation' | 'group' | 'loss';
  /** The first line. */
  readonly title: string;
  /** Shape, value and gradient, in short. */
  readonly lines: readonly string[];
  /** The same in full. */
  readonly details: string;
  /** The ids of the tensors inside. */
  readonly members: readonly number[];
}

/** An arrow from what was computed first to what was computed from it, by the boxes' ids. */
export interface Arrow {
  readonly from: number;
  readonly to: number;
}

/** What is drawn. */
export interface Graph {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** The longest line of numbers, and the most rows and columns that are shown in full. */
const SHORT = 30;
const MOST = 4;

/** Throws an {@link ArgumentError} unless groups are told by their names, or `'all'`. */
export function checkFold(op: string, fold: unknown): void {
  if (fold === 'all' || (Array.isArray(fold) && [...fold].every((name) => typeof name === 'string'))) return;
  throw wrong(op, 'fold', "a list of names, or 'all'", fold);
}

/** The boxes and arrows of a trace. */
export function graphOf(trace: Trace, { fold = [] }: GraphOptions): Graph {
  const { tensors, loss } = trace;
  const names = namesOf(trace);
  const homes = homesOf(trace, fold);
  const members = new Map<number, TraceTensor[]>();
  for (const tensor of tensors) {
    const home = homes[tensor.id]!;
    const inside = members.get(home);
    if (inside === undefined) members.set(home, [tensor]);
    else inside.push(tensor);
  }
  const leaving = new Set([loss]);
  const arrows = new Map<string, Arrow>();
  for (const { id, inputs } of tensors) {
    for (const input of inputs) {
      const [from, to] = [homes[input]!, homes[id]!];
      if (from === to) continue;
      leaving.add(input);
      arrows.set(`${from} ${to}`, { from, to });
    }
  }
  const boxes = [...members].map(([id, inside]): Box => {
    const operations = inside.filter(({ op }) => op !== null);
    const members = inside.map(({ id }) => id);
    if (operations.length < 2) return { ...boxOf(operations[0] ?? inside[0]!, names, loss), members };
    const results = operations.filter((tensor) => leaving.has(tensor.id));
    return {
      id,
      kind: results.some((tensor) => tensor.id === loss) ? 'loss' : 'group',
      title: printable(`${groupOf(operations[0]!, fold)!.at(-1)} (${operations.length} operations)`),
      lines: results.flatMap((tensor) => [`${names[tensor.id]} ${formatShape(tensor.shape)}`, ...numbersOf(tensor)]),
      details: operations.map((tensor) => detailsOf(tensor, names)).join('\n'),
      members,
    };
  });
  return { boxes, arrows: [...arrows.values()] };
}

function boxOf(tensor: TraceTensor, names: readonly string[], loss: number): Omit<Box, 'members'> {
  const { id, op, name, shape } = tensor;
  const title = names[id]!;
  const details = detailsOf(tensor, names);
  if (isPlainNumber(tensor)) return { id, kind: 'constant', title, lines: [], details };
  const leaf = name === 'constant' || tensor.gradient === null ? 'constant' : 'input';
  return {
    id,
    kind: op === null ? leaf : id === loss ? 'loss' : 'operation',
    title: cut(`${title} ${shape.length === 0 ? '' : formatShape(shape)}`.trimEnd(), SHORT),
    lines: numbersOf(tensor),
    details,
  };
}

/** Value and gradient: side by side for a small matrix, else one line each, cut where it is long. */
function numbersOf({ shape, value, gradient }: TraceTensor): string[] {
  const parts = Object.entries({ value, grad: gradient }).filter(([, numbers]) => numbers !== null);
  const cells = parts.map(([, numbers]) => cellsOf(numbers!, shape.length < 2 ? 4 : 3));
  const rows = cells[0]?.length ?? 0;
  if (rows < 2 || rows > MOST || cells[0]![0]!.length > MOST) {
    return parts.map(([label], i) => `${label.padEnd(5)} ${cut(inline(cells[i]!), SHORT)}`);
  }
  const blocks = cells.map((matrix) => block(matrix, 80));
  return Array.from({ length: rows }, (_, row) =>
    parts.map(([label], i) => `${row === 0 ? label : ' '.repeat(label.length)} ${blocks[i]![row]}`).join('   '),
  );
}

function detailsOf(tensor: TraceTensor, names: readonly string[]): string {
  const { id, op, value, gradient } = tensor;
  const head = op === null ? names[id]! : `${names[id]} = ${callOf(tensor, names)}`;
  const full = (label: string, numbers: Numbers | null): string[] =>
    numbers === null ? [] : [`${label} ${inline(cellsOf(numbers))}`];
  return [head, ...full('value', value), ...full('gradient', gradient)].join('\n');
}

/** The groups of a result down to the one that is folded; undefined where none is. */
function groupOf({ op, groups }: TraceTensor, fold: readonly string[] | 'all'): readonly string[] | undefined {
  const depth = fold === 'all' ? 0 : groups.findIndex((group) => fold.includes(group));
  return op === null || depth < 0 || groups.length === 0 ? undefined : groups.slice(0, depth + 1);
}

/**
 * For each tensor the id of its box: its own, or the first of its folded group. What is connected within a group is one
 * box: two distances that have nothing to do with each other remain two. Constants of one box alone vanish in it.
 */
function homesOf({ tensors }: Trace, fold: readonly string[] | 'all'): number[] {
  const keys = tensors.map((tensor) => groupOf(tensor, fold)?.join('\n'));
  const homes = tensors.map(({ id }) => id);
  const homeOf = (id: number): number => {
    while (homes[id] !== id) {
      homes[id] = homes[homes[id]!]!;
      id = homes[id]!;
    }
    return id;
  };
  for (const { id, inputs } of tensors) {
    for (const input of inputs) {
      if (keys[id] === undefined || keys[id] !== keys[input]) continue;
      const [one, other] = [homeOf(id), homeOf(input)];
      homes[Math.max(one, other)] = Math.min(one, other);
    }
  }
  const settled = homes.map((_, id) => homeOf(id));
  const users = tensors.map(() => new Set<number>());
  for (const { id, inputs } of tensors) for (const input of inputs) users[input]!.add(id);
  return tensors.map((tensor) => {
    const around = new Set([...users[tensor.id]!].map((id) => settled[id]!));
    const inside = [...users[tensor.id]!].every((id) => keys[id] !== undefined);
    const vanishes = tensor.op === null && tensor.name === 'constant' && inside && around.size === 1;
    return vanishes ? [...around][0]! : settled[tensor.id]!;
  });
}
