/**
 * @file Checkpoints: everything that training needs to go on as if it had never stopped, in one safetensors file. The
 * weights are its tensors `model.*`, the optimizer's state `optimizer.*`; all else is JSON in its metadata.
 */
import { context } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkKind, describe, type Read, readOptions } from '../checks.js';
import { ArgumentError, ContragradError, DataError } from '../errors.js';
import { Generator, type GeneratorState } from '../random.js';
import type { SourceOptions } from '../source.js';
import type { StateDict } from '../state.js';
import { checkPlain, checkRecord, isObject, type Json, type JsonObject, parseJson, quoted } from './json.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

/** What keeps its state in tensors: a module, an optimizer. */
export interface TensorState {
  /** The state's tensors by name; later changes do not change what it returned. */
  stateDict(): StateDict;
  /** Goes back to a state. On an error nothing has changed. */
  loadStateDict(state: StateDict): void;
}

/** What keeps its state in plain values: a schedule of the learning rate. */
export interface PlainState {
  /** The state, as JSON holds it. */
  stateDict(): unknown;
  /** Goes back to a state. */
  loadStateDict(state: never): void;
}

/** What a training run consists of: {@link saveCheckpoint} reads it, {@link loadCheckpoint} sets it. */
export interface CheckpointParts {
  /** The module in training. */
  readonly model: TensorState;
  /** Its optimizer. */
  readonly optimizer?: TensorState;
  /** The schedule of its learning rate. */
  readonly schedule?: PlainState;
  /** The generators that the run draws from, by name. The default one, which `manualSeed` seeds, is always kept. */
  readonly generators?: Readonly<Record<string, Generator>>;
}

/** What a checkpoint holds besides. */
export interface CheckpointNotes {
  /** Where in its data the run is: the step, or anything that JSON holds. Default null. */
  readonly position?: Json;
  /** Whatever else the run wants back. Default {}. */
  readonly extra?: JsonObject;
}

const FORMAT = 'contragrad-checkpoint';
const VERSION = 1;

/**
 * Writes a checkpoint, whole or not at all. Node only.
 *
 * It holds the moment of the call: training may go on while it is written.
 *
 * @param path - Where to; an older checkpoint there is replaced at the very end.
 * @param checkpoint - The parts of the run, its position and whatever else it wants back.
 * @throws `ArgumentError` when `position`, `extra` or the schedule's state is nothing that JSON holds.
 * @throws `DataError` when the file cannot be written.
 *
 * @example
 * ```ts
 * import { Generator, nn, optim } from 'contragrad';
 * import { loadCheckpoint, saveCheckpoint } from 'contragrad/io';
 *
 * const model = new nn.Linear(3, 2);
 * const optimizer = new optim.Adam(model.parameters());
 * const generators = { batches: new Generator(1) };
 * const folder = process.env.TMPDIR ?? '/tmp';
 * const path = `${folder}/example-${process.pid}.safetensors`;
 * const parts = { model, optimizer, generators };
 * await saveCheckpoint(path, { ...parts, position: 7 });
 *
 * const { position } = await loadCheckpoint(path, parts);
 * console.log(position); // 7
 * ```
 */
export async function saveCheckpoint(path: string, checkpoint: CheckpointParts & CheckpointNotes): Promise<void> {
  checkKind('saveCheckpoint', 'path', path, 'string');
  await takeCheckpoint(checkpoint).write(path);
}

/** What a run is at one moment, to be looked at and written whenever it should be. */
export interface TakenCheckpoint {
  /** All its numbers, of the model and of the optimizer. */
  readonly tensors: StateDict;
  /** As {@link saveCheckpoint}. */
  write(path: string): Promise<void>;
}

/** Takes what {@link saveCheckpoint} writes: training may go on, and what was taken stays. */
export function takeCheckpoint(checkpoint: CheckpointParts & CheckpointNotes): TakenCheckpoint {
  const op = 'saveCheckpoint';
  const { model, optimizer, schedule, generators, position, extra } = readParts(op, checkpoint);
  const states = Object.entries(generators).map(([name, { state }]) => [name, state]);
  const run = {
    format: FORMAT,
    version: VERSION,
    random: context().generator.state,
    generators: Object.fromEntries(states) as Record<string, GeneratorState>,
    optimizer: optimizer !== undefined,
    schedule: schedule?.stateDict() ?? null,
    position,
    extra,
  };
  checkRecord(op, 'extra', extra);
  for (const name of ['schedule', 'position', 'extra'] as const) checkPlain(op, name, run[name]);
  const tensors = { ...prefixed('model.', model.stateDict()), ...prefixed('optimizer.', optimizer?.stateDict() ?? {}) };
  const metadata = { checkpoint: JSON.stringify(run) };
  return { tensors, write: (path) => writeSafetensors(path, tensors, metadata) };
}

const PARTS = {
  model: undefined as unknown as TensorState,
  optimizer: undefined,
  schedule: undefined,
  generators: {},
  position: null,
  extra: {},
};

/** The parts of a run, checked. */
function readParts(op: string, given: CheckpointParts): Read<CheckpointParts & CheckpointNotes, typeof PARTS> {
  const read = readOptions<CheckpointParts & CheckpointNotes, typeof PARTS>(op, given, PARTS);
  checkState(op, 'model', read.model);
  if (read.optimizer !== undefined) checkState(op, 'optimizer', read.optimizer);
  if (read.schedule !== undefined) checkState(op, 'schedule', read.schedule);
  checkRecord(op, 'generators', read.generators);
  for (const generator of Object.values(read.generators)) Generator.check(op, generator);
  return read;
}

/** Throws an {@link ArgumentError} unless a part hands out a state and takes one back. */
function checkState(op: string, name: string, value: unknown): void {
  const { stateDict, loadStateDict } = (value ?? {}) as Record<string, unknown>;
  if (typeof stateDict === 'function' && typeof loadStateDict === 'function') return;
  throw new ArgumentError(op, `${name} must have stateDict() and loadStateDict(), got ${describe(value)}`);
}

/**
 * Reads a checkpoint into the parts of a run: the same numbers follow as if it had never stopped, bit for bit, eagerly and
 * compiled.
 *
 * @param path - Where it is.
 * @param parts - A run built as the saved one was. Their numbers are replaced; on an error nothing has changed.
 * @param options - `maxBytes`, default 2³⁰.
 * @returns the position and whatever else was kept.
 * @throws `DataError` when the file is no checkpoint, or not one of such a run.
 */
export async function loadCheckpoint(
  path: string,
  parts: CheckpointParts,
  options?: SourceOptions,
): Promise<Required<CheckpointNotes>> {
  checkKind('loadCheckpoint', 'path', path, 'string');
  const { model, optimizer, schedule, generators } = readParts('loadCheckpoint', parts);
  const { tensors, metadata } = await readSafetensors(path, options);
  const run = readRun(path, metadata.checkpoint);
  const names = Object.keys(generators);
  if (Object.keys(run.generators).sort().join() !== [...names].sort().join()) {
    const kept = Object.keys(run.generators).join(', ');
    throw new DataError(path, `holds the generators [${kept}], the run has [${names.join(', ')}]`);
  }
  const states = partsOf(path, tensors);
  checkPresence(path, 'optimizer', run.optimizer, optimizer !== undefined);
  checkPresence(path, 'schedule', run.schedule !== null, schedule !== undefined);
  const undo: (() => void)[] = [];
  try {
    for (const [part, state] of [
      [model, states.model],
      [optimizer, states.optimizer],
    ] as const) {
      if (part === undefined) continue;
      const before = part.stateDict();
      part.loadStateDict(Object.fromEntries(state));
      undo.push(() => part.loadStateDict(before));
    }
    schedule?.loadStateDict(run.schedule as never);
  } catch (error) {
    for (const goBack of undo) goBack();
    if (error instanceof ContragradError) throw new DataError(path, `is not of such a run: ${error.message}`);
    throw error;
  }
  context().generator.state = run.random;
  for (const name of names) generators[name]!.state = run.generators[name]!;
  return { position: run.position, extra: run.extra };
}

function checkPresence(path: string, part: string, isKept: boolean, isThere: boolean): void {
  if (isKept === isThere) return;
  throw new DataError(
    path,
    `holds ${isKept ? 'a' : 'no'} state of the ${part}, the run has ${isThere ? 'one' : 'none'}`,
  );
}

/** What the metadata of a checkpoint say. */
interface Run {
  readonly optimizer: boolean;
  readonly random: GeneratorState;
  readonly generators: Readonly<Record<string, GeneratorState>>;
  readonly schedule: Json;
  readonly position: Json;
  readonly extra: JsonObject;
}

function readRun(path: string, text: string | undefined): Run {
  if (text === undefined)
    throw new DataError(path, 'is no checkpoint: it holds tensors only', 'did you mean readSafetensors?');
  const { format, version, random, generators, optimizer, schedule, position, extra } = parseJson(
    text,
    path,
    'its metadata',
  );
  if (format !== FORMAT || version !== VERSION) {
    throw new DataError(
      path,
      `must be a ${FORMAT} of version ${VERSION}, got ${quoted(format)} of version ${quoted(version)}`,
    );
  }
  if (
    !isObject(generators) ||
    !isObject(extra) ||
    schedule === undefined ||
    position === undefined ||
    typeof optimizer !== 'boolean'
  ) {
    throw new DataError(path, 'its metadata lack generators, optimizer, schedule, position or extra');
  }
  const states = Object.entries(generators).map(([name, state]) => [name, generatorState(path, name, state)] as const);
  return {
    random: generatorState(path, 'random', random),
    generators: Object.fromEntries(states),
    optimizer,
    schedule,
    position,
    extra,
  };
}

function generatorState(path: string, name: string, value: unknown): GeneratorState {
  const { seed, counter } = isObject(value) ? value : {};
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0;
  if (!isCount(seed) || !isCount(counter)) {
    throw new DataError(path, `generator ${quoted(name)} needs a seed and a counter, got ${quoted(value)}`);
  }
  return { seed, counter };
}

const prefixed = (prefix: string, state: StateDict): StateDict =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [prefix + name, value]));

/** The tensors of each part, by their names there. */
function partsOf(path: string, tensors: StateDict): Record<'model' | 'optimizer', Map<string, Tensor>> {
  const parts = { model: new Map<string, Tensor>(), optimizer: new Map<string, Tensor>() };
  for (const [key, value] of Object.entries(tensors)) {
    const [, part, name] = /^(model|optimizer)\.(.*)$/s.exec(key) ?? [];
    if (part === undefined) throw new DataError(path, `has a tensor ${quoted(key)}, which belongs to no part of a run`);
    parts[part as keyof typeof parts].set(name!, value);
  }
  return parts;
}
