/** @file A module as a table: its layers, the shapes that they make, and how many parameters they have. */
import { noGrad } from '../autograd/context.js';
import { zeros } from '../autograd/create.js';
import { Tensor } from '../autograd/tensor.js';
import { describe } from '../checks.js';
import { ArgumentError } from '../errors.js';
import { checkShape, type Shape } from '../shape.js';
import { type Layer, Module, ownParameters, walk } from './module.js';

/** One module of a {@link LayerTable}. */
export interface LayerRow {
  /** Its path, as in the names of its parameters. */
  readonly name: string;
  /** The name of its class. */
  readonly type: string;
  /** The shape that it makes of one row; null where nothing went through it. */
  readonly output: Shape | null;
  /** The parameters of its own, without those of modules inside. */
  readonly parameters: number;
}

/** The modules inside a module, in order. */
export interface LayerTable {
  readonly rows: readonly LayerRow[];
  /** All parameters; those that two modules share count once. */
  readonly parameters: number;
}

/** The shape that each module makes of one row: a row of zeros goes through all of them, in evaluation. */
function outputsOf(module: Layer, inputShape: Shape): Map<Module, Shape> {
  if (!(module instanceof Module)) throw new ArgumentError('summary', `needs a module, got ${describe(module)}`);
  checkShape('summary', inputShape);
  const outputs = new Map<Module, Shape>();
  const modes = Array.from(walk(module), ([, part]) => [part, part.training] as const);
  const [first] = module.parameters();
  const row = zeros([1, ...inputShape], first && { dtype: first.dtype, device: first.device });
  try {
    for (const [part] of modes) {
      const forward: (...inputs: readonly unknown[]) => unknown = part.forward.bind(part);
      const watched: typeof forward = (...inputs) => {
        const y = forward(...inputs);
        if (y instanceof Tensor) outputs.set(part, y.shape.slice(1));
        return y;
      };
      Object.defineProperty(part, 'forward', { value: watched, configurable: true });
    }
    module.eval();
    noGrad(() => module.forward(row));
  } finally {
    for (const [part, training] of modes) {
      Reflect.deleteProperty(part, 'forward');
      part.training = training;
    }
  }
  return outputs;
}

/**
 * The layers of a module as data: see {@link summary} for the table as text.
 *
 * @param module - Any module; it is left as it was.
 * @param inputShape - The shape of one row, for example `[64]` or `[1, 8, 8]`.
 * @throws {@link ShapeError} when the module does not take such rows.
 */
export function layerTable(module: Layer, inputShape: Shape): LayerTable {
  const outputs = outputsOf(module, inputShape);
  const counted = new Set<Tensor>();
  const all = [...walk(module)];
  const count = (path: string, part: Module): number => {
    const start = path === '' ? '' : `${path}.`;
    const others = all.filter(([name]) => name.startsWith(start) && name !== path);
    const inside = new Set(others.flatMap(([, other]) => ownParameters(other)));
    const fresh = [...new Set(ownParameters(part))].filter(
      (parameter) => !inside.has(parameter) && !counted.has(parameter),
    );
    for (const parameter of fresh) counted.add(parameter);
    return fresh.reduce((sum, { size }) => sum + size, 0);
  };
  const rows = Array.from(walk(module, true), ([name, part]): LayerRow => {
    const output = outputs.get(part) ?? null;
    return { name, type: part.constructor.name, output, parameters: count(name, part) };
  });
  // A container has its parts for a row; a module without any is its own.
  const shown = rows.length > 1 ? rows.slice(1) : rows;
  return { rows: shown, parameters: rows.reduce((sum, { parameters }) => sum + parameters, 0) };
}

/**
 * The layers of a module as a table: each with its path, its class, the shape that it makes, and the parameters of its own.
 *
 * @param module - Any module; it is left as it was.
 * @param inputShape - The shape of one row, for example `[64]` or `[1, 8, 8]`.
 * @returns Lines of text, aligned for a font of one width. {@link layerTable} gives the same as data.
 * @throws {@link ShapeError} when the module does not take such rows.
 *
 * @example
 * ```ts
 * import { nn } from 'contragrad';
 *
 * const layers = [new nn.Linear(64, 16), new nn.ReLU(), new nn.Linear(16, 2)];
 * const encoder = new nn.Sequential(...layers);
 * const lines = nn.summary(encoder, [64]).split('\n');
 * console.log(lines.at(-1)); // total                        1,074
 * ```
 */
export function summary(module: Layer, inputShape: Shape): string {
  const { rows, parameters } = layerTable(module, inputShape);
  const shapeOf = (shape: Shape | null): string => (shape === null ? '-' : `[${['N', ...shape].join(', ')}]`);
  const number = (value: number): string => value.toLocaleString('en-US');
  const lines = [
    ['layer', 'type', 'output', 'parameters'],
    ['input', '', shapeOf(inputShape), ''],
    ...rows.map((row) => [row.name, row.type, shapeOf(row.output), number(row.parameters)]),
    ['total', '', '', number(parameters)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]!.length)));
  const format = (line: readonly string[]): string =>
    line
      .map((text, column) => (column === 3 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd();
  const [head, ...body] = lines.map(format);
  // The last column ends with the table.
  const rule = '-'.repeat(head!.length);
  return [head, rule, ...body.slice(0, -1), rule, body.at(-1)].join('\n');
}
