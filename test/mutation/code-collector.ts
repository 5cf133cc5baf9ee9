/** @file Stands in for vitest in the tests that the mutation guard runs again and again: it keeps them, and runs none. */
export { expect, expectTypeOf, vi } from 'vitest';

type Body = (...args: never[]) => unknown;

/** A test of the project, to be run at will. */
export interface Collected {
  readonly title: string;
  run: () => unknown;
}

let collected: Collected[] = [];
const around: string[] = [];
let hooks: (() => unknown)[] = [];

/** What was collected since the last time. */
export function taken(): { tests: Collected[]; before: (() => unknown)[] } {
  const all = { tests: collected, before: hooks };
  [collected, hooks] = [[], []];
  return all;
}

const rowsOf = (table: readonly unknown[]): unknown[][] => table.map((row) => (Array.isArray(row) ? row : [row]));

const titled = (name: string, row: readonly unknown[], index: number): string => {
  let at = 0;
  return name.replaceAll(/%[sdifjo#]/g, (sign) => (sign === '%#' ? String(index) : String(row[at++])));
};

/** `describe` or `test`: with a name, or for each row of a table. */
interface Collect {
  (name: string, body: Body): void;
  each(table: readonly unknown[]): (name: string, body: Body) => void;
}

const collect = (keep: (name: string, body: () => unknown) => void): Collect =>
  Object.assign((name: string, body: Body) => keep(name, body as () => unknown), {
    each: (table: readonly unknown[]) => (name: string, body: Body) => {
      for (const [i, row] of rowsOf(table).entries()) keep(titled(name, row, i), () => body(...(row as never[])));
    },
  });

export const describe: Collect = collect((name, body) => {
  around.push(name);
  body();
  around.pop();
});
export const test: Collect = collect((name, run) => {
  collected.push({ title: [...around, name].join(' > '), run });
});
export const beforeAll = (hook: () => unknown): void => void hooks.push(hook);
/** What comes after is done by the end of the process. */
export const afterAll = (): void => {};
export const afterEach = (): void => {};
