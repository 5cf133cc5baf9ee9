/** @file The worker: all arithmetic of the trainer is here, and its picture is drawn here, so that the page is free for its reader. */
import type { GpuDevice } from '../../../../src/devices/gpu/index.js';
import { ContragradError, cpu } from '../../../../src/index.js';
import type { Answer, Request } from './messages.js';
import { type Rows, rowsOf } from './rows.js';
import { Scatter } from './scatter.js';
import { losses as kinds, type Speed, type TrainerSettings } from './settings.js';
import { Training } from './training.js';

/** For how many milliseconds it steps until it looks for messages. */
const SLICE = 24;
/** Between two slow steps, and between two measurements, in milliseconds. */
const SLOW = 250;
const MEASURE = 400;
const DIAGNOSE = 1500;
/** A page that is not looked at draws nothing: no longer than this is waited for it. */
const PATIENCE = 250;

let rows: Rows | null = null;
let training: Training | null = null;
let scatter: Scatter | null = null;
let where = '';
let running = false;
let looping = false;
let speed: Speed = 'normal';
let losses: number[] = [];
let measured = 0;
let diagnosed = 0;
/** Whether the page has shown all that it was sent, and who waits for it. */
let isDrawn = true;
let onDrawn: () => void = () => {};
/** The graphics device, once one was asked for. */
let graphics: Promise<GpuDevice> | null = null;

function tell(answer: Answer, transfer: Transferable[] = []): void {
  postMessage(answer, { transfer });
}

/** gpu.js is loaded when it is first asked for; what fails is tried again the next time. */
function graphicsDevice(): Promise<GpuDevice> {
  graphics ??= import('../../../../src/devices/gpu/index.js').then(({ gpu }) => gpu({ mode: 'webgl2' }));
  graphics.catch(() => {
    graphics = null;
  });
  return graphics;
}

function forget(): void {
  running = false;
  training?.dispose();
  training = null;
  rows = null;
}

async function begin(settings: TrainerSettings): Promise<void> {
  if (rows === null) return;
  const gpu = settings.device === 'cpu' ? null : await graphicsDevice();
  const made = new Training(rows, settings, gpu ?? cpu);
  training?.dispose();
  training = made;
  // What really runs, in its driver's words.
  where = gpu === null ? 'the CPU' : [gpu.info.backend, gpu.info.adapter].filter((part) => part !== null).join(', ');
  losses = [];
  const { data, trained, name, leftOut } = rows;
  scatter?.open({
    labels: made.drawn.map((row) => data.labels[row]!),
    heldOut: Uint8Array.from(made.drawn, (row) => (row < trained ? 0 : 1)),
    onCircle: settings.dim === 2 && kinds[settings.loss].metric === 'cosine',
  });
  const drawn = made.drawn.length;
  tell({ kind: 'opened', name, count: data.count, trained, size: data.size, classes: data.classes, leftOut, drawn });
  await show(made, true);
}

/** Draws a picture of now and says how far it is; with `all`, accuracy and diagnosis as well, however fresh the last ones are. */
async function show(of: Training, all = false): Promise<void> {
  const now = performance.now();
  const measures = all || now - measured > MEASURE;
  const diagnoses = all || now - diagnosed > DIAGNOSE;
  const accuracy = measures ? await of.accuracy() : null;
  if (measures) measured = performance.now();
  const verdict = diagnoses ? (await of.diagnosis()).verdict : null;
  if (diagnoses) diagnosed = performance.now();
  scatter?.show(await of.picture());
  const taken = Float32Array.from(losses);
  losses = [];
  isDrawn = false;
  tell({ kind: 'frame', step: of.step, losses: taken, accuracy, verdict, runner: runnerOf(of) }, [taken.buffer]);
}

/** Sends all there is to say of the training at hand. */
async function showNow(): Promise<void> {
  if (training !== null) await show(training, true);
}

function runnerOf({ executor }: Training): string | null {
  if (executor === null) return null;
  return `${where}, ${executor === 'wasm' ? 'compiled into one WebAssembly call' : 'compiled into a list of kernel calls'}`;
}

async function take(of: Training): Promise<void> {
  const loss = await of.next();
  if (!Number.isFinite(loss)) {
    running = false;
    tell({
      kind: 'problem',
      message: `The loss is no finite number at step ${of.step}: reset, and raise the temperature or look for extreme values in the data.`,
    });
    return;
  }
  losses.push(loss);
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Steps until it is told to stop; what comes meanwhile is taken between two turns. */
async function loop(): Promise<void> {
  if (looping) return;
  looping = true;
  try {
    while (running && training !== null) await inTurn(turn).then(rest);
  } catch (error) {
    fail(error);
  } finally {
    looping = false;
  }
}

async function turn(): Promise<void> {
  const now = training;
  if (now === null || !running) return;
  const end = performance.now() + SLICE;
  do await take(now);
  while (running && speed === 'fast' && performance.now() < end);
  if (isDrawn || speed !== 'fast') await show(now);
}

const drawn = (): Promise<void> =>
  new Promise((resolve) => {
    onDrawn = resolve;
  });

async function rest(): Promise<void> {
  if (speed === 'slow') await pause(SLOW);
  else if (speed === 'normal' && !isDrawn) await Promise.race([pause(PATIENCE), drawn()]);
  // Messages come in between.
  await pause(0);
}

function fail(error: unknown): void {
  running = false;
  const message = error instanceof ContragradError ? error.message : `It failed: ${String(error)}`;
  tell({ kind: 'problem', message, unread: training === null });
}

/** One thing after another: what changes the training waits until the turn at hand is over. */
let last: Promise<unknown> = Promise.resolve();
function inTurn(work: () => Promise<void>): Promise<void> {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

async function answer(request: Request): Promise<void> {
  switch (request.kind) {
    case 'open':
      // The page shows what it asked for: where that cannot be read, nothing else is trained on.
      forget();
      rows = await rowsOf(request.origin);
      return begin(request.settings);
    case 'forget':
      return forget();
    case 'reset':
      return begin(request.settings);
    case 'step':
      if (training === null) return;
      await take(training);
      return show(training, true);
    case 'files': {
      if (training === null) return;
      const files = await training.files();
      return tell({ kind: 'files', files }, [files.weights.buffer]);
    }
  }
}

addEventListener('message', ({ data: request }: MessageEvent<Request>) => {
  if (request.kind === 'drawn') {
    isDrawn = true;
    onDrawn();
  } else if (request.kind === 'run') {
    const stops = running && !request.running;
    running = request.running;
    speed = request.speed;
    if (running) void loop();
    else if (stops) inTurn(showNow).catch(fail);
  } else if (request.kind === 'canvas') scatter = new Scatter(request.canvas, request.look);
  else if (request.kind === 'look') {
    if (scatter !== null) scatter.look = request.look;
  } else inTurn(() => answer(request)).catch(fail);
});
