/**
 * @file The numbers that stand for kernels, functions and element types in a program. TypeScript writes them, the
 * WebAssembly module reads them; both compile this file.
 */

/** Bytes at the start of the memory that are the module's own (see assembly/memory.ts): storages lie behind them. */
export const RESERVED = 20480;

// Kernels.
export const MAP = 0;
export const ZIP = 1;
export const WHERE = 2;
export const CAST = 3;
export const REDUCE = 4;
export const MATMUL = 5;
export const SQUARED_DISTANCE = 6;
export const COPY_STRIDED = 7;
export const PAD = 8;
export const CONCAT = 9;
export const GATHER = 10;
export const SCATTER_ADD = 11;
export const RANDOM = 12;
export const CHECK = 13;
export const LOG_SUM_EXP = 14;
export const SOFTMAX = 15;
export const BLEND = 16;
export const ADAM = 17;

// Element types.
export const FLOAT32 = 0;
export const INT32 = 1;

// Functions of one element.
export const NEG = 0;
export const ABS = 1;
export const SIGN = 2;
export const SQUARE = 3;
export const RELU = 4;
export const SQRT = 5;
export const EXP = 6;
export const EXPM1 = 7;
export const LOG = 8;
export const LOG1P = 9;
export const ERF = 10;
export const TANH = 11;
export const SIGMOID = 12;
export const SOFTPLUS = 13;

// Functions of two elements; from GREATER on their result is 1 or 0.
export const ADD = 0;
export const SUB = 1;
export const MUL = 2;
export const DIV = 3;
export const POW = 4;
export const MAXIMUM = 5;
export const MINIMUM = 6;
export const GREATER = 7;
export const GREATER_EQUAL = 8;
export const LESS = 9;
export const LESS_EQUAL = 10;
export const EQUAL = 11;
export const NOT_EQUAL = 12;

// Reductions.
export const SUM = 0;
export const MAX = 1;
export const ARG_MAX = 2;

// Distributions.
export const UNIFORM = 0;
export const NORMAL = 1;
