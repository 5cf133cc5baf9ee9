/** @file Runs the variants: what comes of each call, within a limit of time. */
import vm from 'node:vm';
import { transformSync } from 'esbuild';
import { ContragradError, manualSeed } from '../../src/index.js';
import { GARBAGE_NAMES } from './garbage.js';
import { LIBRARY } from './library.js';
import { NAMES } from './names.js';
import type { Variant } from './variants.js';

/** What came of a call. */
export interface Outcome {
  readonly kind: 'value' | 'refused' | 'raw error' | 'hangs';
  /** The value in short, or the message. */
  readonly text: string;
  /** Milliseconds of this process's own time. */
  readonly time: number;
}

const VALUES: Readonly<Record<string, string>> = { ...NAMES, ...GARBAGE_NAMES };
const ORDER = Object.keys(VALUES);

/** A call is given up after this many milliseconds. */
const LIMIT = 2000;

/** The values that a text names, with those that they are made of, in order. */
function namesIn(text: string): string[] {
  const wordsOf = (expression: string): string[] => expression.match(/\b[a-zA-Z]\w*\b/g) ?? [];
  const found = new Set(wordsOf(text));
  for (const name of ORDER.toReversed()) {
    if (found.has(name)) for (const word of wordsOf(VALUES[name]!)) found.add(word);
  }
  return ORDER.filter((name) => found.has(name));
}

/** The calls as functions; each makes its values anew. */
function compiled(variants: readonly Variant[]): (() => () => unknown)[] {
  const lines = [
    `const { ${Object.keys(LIBRARY).join(', ')} } = library;`,
    `let ${ORDER.join(', ')};`,
    `const make = { ${ORDER.map((name) => `${name}: () => { ${name} = ${VALUES[name]}; }`).join(', ')} };`,
    ...variants.map(({ text }, index) => `run(${index}, make, () => (${text}));`),
  ];
  const { code } = transformSync(lines.join('\n'), { loader: 'ts', target: 'es2022' });
  const calls: (() => () => unknown)[] = [];
  const run = (index: number, make: Record<string, () => void>, call: () => unknown): void => {
    const names = namesIn(variants[index]!.text);
    calls.push(() => {
      for (const name of names) make[name]!();
      return call;
    });
  };
  new Function('library', 'run', code)(LIBRARY, run);
  return calls;
}

/** Runs a function that may not end. */
const guarded = new vm.Script('globalThis.guardedCall()');
function limited(call: () => unknown): unknown {
  Object.assign(globalThis, { guardedCall: call });
  return guarded.runInThisContext({ timeout: LIMIT });
}

/** A value in a few words. */
function inShort(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value).replaceAll(/\s+/g, ' ').slice(0, 40);
  return value.constructor?.name ?? 'an object';
}

/** What a call's result is worth: what it resolves to, or its first item. */
async function settled(value: unknown): Promise<unknown> {
  if (value instanceof Promise) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(Object.assign(new Error(), { code: 'ERR_SCRIPT_EXECUTION_TIMEOUT' })), LIMIT);
    });
    return Promise.race([value, late]).finally(() => clearTimeout(timer));
  }
  const { next } = (value ?? {}) as { next?: unknown };
  if (typeof next === 'function' && Object.prototype.toString.call(value) === '[object Generator]') {
    return limited(() => next.call(value));
  }
  return value;
}

async function outcomeOf(prepare: () => () => unknown): Promise<Outcome> {
  const call = prepare();
  const start = process.cpuUsage();
  const took = (): number => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
  try {
    const result = limited(call);
    const value = await settled(result);
    return { kind: 'value', text: inShort(value), time: took() };
  } catch (error) {
    const time = took();
    // A property that fails says why.
    const { cause } = Object(error) as { cause?: unknown };
    const own = [error, cause].find((each) => each instanceof ContragradError) as Error | undefined;
    if (own !== undefined) return { kind: 'refused', text: own.message, time };
    if ((error as { code?: string })?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { kind: 'hangs', text: '', time };
    const { name, message } = Object(error) as Partial<Error>;
    return { kind: 'raw error', text: `${name}: ${message}`, time };
  } finally {
    manualSeed(0);
  }
}

/** What comes of each variant, one after another, in a folder that may be written to. */
export async function outcomesOf(variants: readonly Variant[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const call of compiled(variants)) outcomes.push(await outcomeOf(call));
  return outcomes;
}
