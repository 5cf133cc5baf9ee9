/** @file Y = X Wᵀ and its gradients by the engine, and the sum behind each single entry. */
import { Generator, grad, matmul, mul, sum, tensor } from '../../../../src/index.js';

/** A matrix of the figure. */
export type MatrixName = 'X' | 'W' | 'Y' | 'G' | 'dX' | 'dW';

/** A matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/** The matrices of the figure, by name. */
export type Matrices = Readonly<Record<MatrixName, Matrix>>;

/** An entry of one of the results. */
export interface Entry {
  readonly matrix: 'Y' | 'dX' | 'dW';
  readonly row: number;
  readonly column: number;
}

/** A row or a column of a matrix. */
export interface Line {
  readonly matrix: MatrixName;
  readonly along: 'row' | 'column';
  readonly index: number;
}

/** How an entry comes about: two lines, number by number. */
export interface Origin {
  readonly lines: readonly [Line, Line];
  readonly factors: readonly (readonly [number, number])[];
  readonly value: number;
}

const [ROWS, INPUTS, OUTPUTS] = [3, 2, 4];

/** Matrices of small whole numbers, and what follows from them. G stands for the gradient that arrives at Y; there is a 0 in it. */
export function matricesOf(seed: number): Matrices {
  const generator = new Generator(seed);
  const drawn = (rows: number, columns: number) =>
    tensor(
      Array.from({ length: rows }, () => Array.from({ length: columns }, () => generator.integer(7) - 3)),
      { dtype: 'float64', requiresGrad: true },
    );
  const [x, w] = [drawn(ROWS, INPUTS), drawn(OUTPUTS, INPUTS)];
  let g = drawn(ROWS, OUTPUTS);
  while (!(g.toArray() as number[][]).flat().includes(0)) g = drawn(ROWS, OUTPUTS);
  const y = matmul(x, w, { transposeB: true });
  // The sum over G ⊙ Y has G as its gradient at Y.
  const [dX, dW] = grad(sum(mul(g.detach(), y)), [x, w]);
  const rows = { X: x, W: w, Y: y, G: g, dX: dX!, dW: dW! };
  return Object.fromEntries(Object.entries(rows).map(([name, t]) => [name, t.toArray()])) as unknown as Matrices;
}

/** Which lines of which matrices an entry is the product of. */
const MAKERS: Readonly<Record<Entry['matrix'], readonly [Omit<Line, 'index'>, Omit<Line, 'index'>]>> = {
  Y: [
    { matrix: 'X', along: 'row' },
    { matrix: 'W', along: 'row' },
  ],
  dX: [
    { matrix: 'G', along: 'row' },
    { matrix: 'W', along: 'column' },
  ],
  dW: [
    { matrix: 'G', along: 'column' },
    { matrix: 'X', along: 'column' },
  ],
};

/** The two lines that make an entry, and their numbers. */
export function originOf(matrices: Matrices, { matrix, row, column }: Entry): Origin {
  const [first, second] = MAKERS[matrix];
  const lines: [Line, Line] = [
    { ...first, index: row },
    { ...second, index: column },
  ];
  const [left, right] = lines.map(({ matrix, along, index }) =>
    along === 'row' ? matrices[matrix][index]! : matrices[matrix].map((line) => line[index]!),
  ) as [readonly number[], readonly number[]];
  return { lines, factors: left.map((value, i) => [value, right[i]!]), value: matrices[matrix][row]![column]! };
}

/** Whether a line goes through a place. */
export const isOn = ({ along, index }: Line, row: number, column: number): boolean =>
  (along === 'row' ? row : column) === index;
