/** @file A trace as a Markdown document with formulas in TeX. */
import { formatShape } from '../shape.js';
import { callOf, checkTrace, INNER_PASS, isPlainNumber, namesOf, printable } from './names.js';
import { type Cells, cellsOf } from './numbers.js';
import type { Numbers, Trace, TraceTensor } from './trace.js';

/** Rows and columns of a matrix that are shown: of a longer side all but one of them, then dots. */
const MOST = 8;

/**
 * A trace as a Markdown document with TeX between dollars: the forward pass as a list, then one section for each step of
 * the backward pass. Large matrices are cut.
 *
 * @param trace - What `trace` returned.
 * @returns The text of a `.md` file.
 *
 * @example
 * ```ts
 * import { tensor } from 'contragrad';
 * import { toMarkdown, trace } from 'contragrad/explain';
 *
 * const x = tensor(3, { requiresGrad: true });
 * const text = toMarkdown(trace(() => x.square(), { names: { x } }));
 * const flow = String.raw`$\bar x \mathrel{+}= 2x \odot \bar y$: $6$`;
 * console.log(text.includes(`to **x** by ${flow}`)); // true
 * ```
 */
export function toMarkdown(trace: Trace): string {
  checkTrace('toMarkdown', trace);
  const { tensors, steps } = trace;
  const names = namesOf(trace);
  const bold = (id: number): string => `**${escaped(names[id]!)}**`;
  const head = (tensor: TraceTensor): string => `${bold(tensor.id)} = ${escaped(callOf(tensor, names))}`;
  const collected = new Map<number, Numbers | null>();
  return [
    '# Forward pass',
    '',
    ...tensors
      .filter((tensor) => !isPlainNumber(tensor))
      .map((tensor) => {
        const { id, op, formula, shape, value } = tensor;
        const what = op === null ? bold(id) : `${head(tensor)}, $${printable(formula!)}$`;
        return `- ${what}${shape.length === 0 ? '' : `, shape ${escaped(formatShape(shape))}`}: ${matrix(value)}`;
      }),
    '',
    '# Backward pass',
    ...(trace.hasInnerPass ? ['', INNER_PASS] : []),
    ...steps.flatMap((step, index) => {
      const tensor = tensors[step.tensor]!;
      return [
        '',
        `## ${index + 1}. ${escaped(names[step.tensor]!)}`,
        '',
        `${head(tensor)}, $${printable(tensor.formula!)}$${tensor.groups.length === 0 ? '' : `, in ${escaped(tensor.groups.join(' > '))}`}`,
        '',
        `- its gradient: ${matrix(tensor.gradient)}`,
        ...step.flows.map(({ to, localDerivative, gradient, total }) => {
          const before = collected.get(to);
          collected.set(to, total);
          const sum = before === undefined ? '' : `, with earlier ${matrix(before)} in all ${matrix(total)}`;
          return `- to ${bold(to)} by $${printable(localDerivative)}$: ${matrix(gradient)}${sum}`;
        }),
      ];
    }),
    '',
  ].join('\n');
}

/** Numbers in TeX. */
function matrix(value: Numbers | null): string {
  if (value === null) return 'too many numbers to list';
  const cells = cellsOf(value).map((row) => row.map(inTeX));
  if (cells.length === 1 && cells[0]!.length === 1) return `$${cells[0]![0]}$`;
  const rows = shortened(cells).map((row) => row.join(' & '));
  return String.raw`$\begin{bmatrix} ${rows.join(String.raw` \\ `)} \end{bmatrix}$`;
}

const inTeX = (cell: string): string =>
  cell
    .replace('∞', String.raw`\infty`)
    .replace('NaN', String.raw`\mathrm{NaN}`)
    .replace(/e(-?\d+)$/, String.raw` \cdot 10^{$1}`);

/** At most so many rows and columns, the last but one of them dots. */
function shortened(cells: Cells): Cells {
  const few = <Item>(items: readonly Item[], dots: Item): readonly Item[] =>
    items.length <= MOST ? items : [...items.slice(0, MOST - 2), dots, items.at(-1)!];
  const rows = cells.map((row) => few(row, String.raw`\cdots`));
  return few(
    rows,
    (rows[0] ?? []).map(() => String.raw`\vdots`),
  );
}

/** Text that Markdown, HTML and TeX leave alone. */
const escaped = (text: string): string =>
  printable(text).replace(/[&<>\\`*_{}[\]#|~$!]/g, (sign) =>
    '&<>'.includes(sign) ? `&#${sign.codePointAt(0)};` : `\\${sign}`,
  );
