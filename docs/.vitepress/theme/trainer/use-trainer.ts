/** @file The trainer's state on the page: the worker behind it, and what it last said. */
import { onBeforeMount, onBeforeUnmount, onMounted, type Ref, ref, type ShallowRef, shallowRef } from 'vue';
import { type CurvePoint, History } from './history.js';
import type { Answer, Frame, Opened, Request } from './messages.js';
import type { Origin } from './rows.js';
import type { Look } from './scatter.js';
import { type Speed, START, type TrainerSettings } from './settings.js';
import type { RunFiles } from './training.js';

/** What is shown over the steps. */
export interface Curves {
  readonly loss: readonly CurvePoint[];
  readonly accuracy: readonly CurvePoint[];
}

/** Between two looks at the curves, in milliseconds: they move slowly. */
const CURVES = 160;

/** What the page shows and does. */
export interface Trainer {
  readonly settings: ShallowRef<TrainerSettings>;
  readonly speed: Ref<Speed>;
  readonly running: Ref<boolean>;
  /** Whether rows are read or an encoder is made. */
  readonly busy: Ref<boolean>;
  /** Whether what the form asks for could not be read, or is not chosen yet: nothing trains then. */
  readonly unread: Ref<boolean>;
  /** The rows; undefined before the first ones are there. */
  readonly opened: ShallowRef<Opened | undefined>;
  /** What the page shows. */
  readonly frame: ShallowRef<Frame | undefined>;
  readonly accuracy: Ref<number | undefined>;
  readonly verdict: Ref<string>;
  readonly problem: Ref<string>;
  /** The curves so far; they follow a little behind the picture. */
  readonly curves: ShallowRef<Curves>;
  /** Hands over where the rows are drawn. */
  drawOn(canvas: OffscreenCanvas, look: Look): void;
  setLook(look: Look): void;
  /** Reads other rows and starts anew. */
  open(origin: Origin): void;
  /** Trains on nothing until other rows are read; says why. */
  refuse(why: string): void;
  /** Starts anew, with other settings. */
  change(settings: Partial<TrainerSettings>): void;
  reset(): void;
  run(on: boolean): void;
  setSpeed(speed: Speed): void;
  step(): void;
  /** The encoder of now as files. */
  files(): Promise<RunFiles>;
}

/** Starts the worker with the page's life, and ends it with that. */
export function useTrainer(): Trainer {
  const settings = shallowRef(START);
  const speed = ref<Speed>('normal');
  const running = ref(false);
  const busy = ref(true);
  const unread = ref(false);
  const opened = shallowRef<Opened>();
  const frame = shallowRef<Frame>();
  const accuracy = ref<number>();
  const verdict = ref('');
  const problem = ref('');
  const [losses, accuracies] = [new History(), new History()];
  const curves = shallowRef<Curves>({ loss: [], accuracy: [] });
  let lastCurves = 0;
  let worker: Worker | undefined;
  let waiting: Frame | undefined;
  let showing = 0;
  let takers: ((files: RunFiles) => void)[] = [];
  /** How many encoders were asked for and are not there yet: what older ones say is not for the screen. */
  let awaited = 0;

  function ask(request: Request, transfer: Transferable[] = []): void {
    worker?.postMessage(request, transfer);
  }

  function begin(request: Request): void {
    awaited++;
    busy.value = true;
    problem.value = '';
    ask(request);
  }

  function show(): void {
    showing = 0;
    const now = waiting;
    waiting = undefined;
    if (now === undefined) return;
    frame.value = now;
    busy.value = awaited > 0;
    if (now.verdict !== null) verdict.value = now.verdict;
    if (now.accuracy !== null) accuracy.value = now.accuracy;
    if (!running.value || performance.now() - lastCurves > CURVES) {
      lastCurves = performance.now();
      curves.value = { loss: losses.points, accuracy: accuracies.points };
    }
    ask({ kind: 'drawn' });
  }

  function take(answer: Answer): void {
    if (answer.kind === 'problem') {
      awaited = 0;
      busy.value = false;
      running.value = false;
      problem.value = answer.message;
      unread.value ||= answer.unread === true;
    } else if (answer.kind === 'files') {
      for (const give of takers) give(answer.files);
      takers = [];
    } else if (answer.kind === 'opened') {
      awaited = Math.max(0, awaited - 1);
      losses.clear();
      accuracies.clear();
      waiting = undefined;
      frame.value = undefined;
      opened.value = answer;
      unread.value = false;
      problem.value = '';
    } else {
      answer.losses.forEach((loss, i) => {
        losses.add(answer.step - answer.losses.length + i, loss);
      });
      if (answer.accuracy !== null) accuracies.add(answer.step, answer.accuracy);
      // One that never came to the screen leaves what it measured to the next.
      waiting = {
        ...answer,
        verdict: answer.verdict ?? waiting?.verdict ?? null,
        accuracy: answer.accuracy ?? waiting?.accuracy ?? null,
      };
      showing ||= requestAnimationFrame(show);
    }
  }

  function run(on: boolean): void {
    running.value = on;
    if (on) problem.value = '';
    ask({ kind: 'run', running: on, speed: speed.value });
  }

  // Before the canvas, which goes to it.
  onBeforeMount(() => {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => take(data));
    worker.addEventListener('error', ({ message }) =>
      take({ kind: 'problem', message: `The worker failed: ${message}` }),
    );
  });
  onMounted(() => {
    begin({ kind: 'open', origin: { kind: 'iris' }, settings: settings.value });
  });
  onBeforeUnmount(() => {
    cancelAnimationFrame(showing);
    worker?.terminate();
  });

  return {
    settings,
    speed,
    running,
    busy,
    unread,
    opened,
    frame,
    accuracy,
    verdict,
    problem,
    curves,
    drawOn: (canvas, look) => ask({ kind: 'canvas', canvas, look }, [canvas]),
    setLook: (look) => ask({ kind: 'look', look }),
    open(origin) {
      run(false);
      begin({ kind: 'open', origin, settings: settings.value });
    },
    refuse(why) {
      run(false);
      unread.value = true;
      problem.value = why;
      ask({ kind: 'forget' });
    },
    change(change) {
      settings.value = { ...settings.value, ...change };
      // Without rows nothing begins, and nothing is to be waited for.
      if (unread.value) ask({ kind: 'reset', settings: settings.value });
      else begin({ kind: 'reset', settings: settings.value });
    },
    reset() {
      run(false);
      begin({ kind: 'reset', settings: settings.value });
    },
    run,
    setSpeed(now) {
      speed.value = now;
      ask({ kind: 'run', running: running.value, speed: now });
    },
    step() {
      if (!busy.value) ask({ kind: 'step' });
    },
    files: () =>
      new Promise((resolve) => {
        takers.push(resolve);
        ask({ kind: 'files' });
      }),
  };
}
