/** @file The microscope at work: its state, what follows from it, and what can be done to it. */
import {
  type ComputedRef,
  computed,
  onBeforeUnmount,
  onMounted,
  type Ref,
  ref,
  type ShallowRef,
  shallowRef,
} from 'vue';
import { namesOf } from '../../../../src/explain/names.js';
import { useAddress } from '../parts/use-address.js';
import { type Drawing, drawingOf, groupsOf } from './drawing.js';
import { type Contribution, contributionsOf } from './pass.js';
import { addressOf, type MicroscopeState, START, stateAt } from './state.js';
import { type Examined, examine } from './subject.js';

/** How long a step is shown while the pass plays, in milliseconds. */
const PAUSE = 1200;

/** The microscope at work. */
export interface Microscope {
  readonly state: ShallowRef<MicroscopeState>;
  readonly examined: ComputedRef<Examined>;
  /** What the tensors are called, by their ids. */
  readonly names: ComputedRef<readonly string[]>;
  readonly contributions: ComputedRef<readonly (readonly Contribution[])[]>;
  readonly groups: ComputedRef<readonly string[]>;
  readonly drawing: ComputedRef<Drawing>;
  /** How many steps the pass has. */
  readonly last: ComputedRef<number>;
  /** The tensor that is looked at: the visited one, unless another was picked. */
  readonly look: ComputedRef<number>;
  /** The tensor that was picked, while the subject is the same. */
  readonly picked: ShallowRef<number | undefined>;
  readonly playing: Ref<boolean>;
  readonly message: Ref<string>;
  change(part: Partial<MicroscopeState>): void;
  /** Goes to a step; beyond the ends nothing happens. */
  go(step: number): void;
  /** Looks at a tensor at whatever step; without one, at the visited one again. */
  pick(tensor?: number): void;
  fold(group: string): void;
  play(on: boolean): void;
}

/** A microscope whose state the page's address holds. */
export function useMicroscope(): Microscope {
  const state = shallowRef(START);
  const picked = shallowRef<number | undefined>();
  const playing = ref(false);
  const message = ref('');

  const subject = computed(() => {
    const { loss, encoder, batch } = state.value;
    return JSON.stringify({ loss, encoder, batch });
  });
  const examined = computed(() => examine(JSON.parse(subject.value)));
  const names = computed(() => namesOf(examined.value.trace));
  const groups = computed(() => groupsOf(examined.value.trace));
  const foldedNow = computed(() => state.value.folded.join('\n'));
  const drawing = computed(() => drawingOf(examined.value.trace, foldedNow.value.split('\n')));
  const last = computed(() => examined.value.trace.steps.length);
  const look = computed(() => {
    const { trace } = examined.value;
    return picked.value ?? trace.steps[state.value.step - 1]?.tensor ?? trace.loss;
  });

  function change(part: Partial<MicroscopeState>): void {
    const before = subject.value;
    const next = { ...state.value, ...part };
    state.value = next;
    // Its tensors are others.
    if (subject.value !== before) picked.value = undefined;
    // Another loss has other steps and other groups.
    const folded = next.folded.filter((group) => groups.value.includes(group));
    state.value = { ...next, folded, step: Math.min(next.step, last.value) };
  }

  function go(step: number): void {
    if (step >= 0 && step <= last.value && step !== state.value.step) change({ step });
  }

  let frame = 0;
  function play(on: boolean): void {
    clearTimeout(frame);
    playing.value = on;
    if (!on) return;
    if (state.value.step === last.value) go(0);
    const tick = (): void => {
      go(state.value.step + 1);
      playing.value = state.value.step < last.value;
      if (playing.value) frame = window.setTimeout(tick, PAUSE);
    };
    tick();
  }

  function restore(address: string): void {
    const found = stateAt(address);
    message.value = 'problem' in found ? `The address holds no state of the microscope: ${found.problem}.` : '';
    if (!('problem' in found)) change(found);
  }

  /** Arrow keys step, where they have nothing else to do. */
  function key(event: KeyboardEvent): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const { tagName, className } = event.target as HTMLElement;
    const busy = /^(INPUT|SELECT|TEXTAREA)$/.test(tagName) || String(className).includes('lab-formula');
    if (by === undefined || busy || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    play(false);
    go(state.value.step + by);
  }

  useAddress(state, addressOf, restore);
  onMounted(() => window.addEventListener('keydown', key));
  onBeforeUnmount(() => {
    play(false);
    window.removeEventListener('keydown', key);
  });

  return {
    state,
    examined,
    names,
    contributions: computed(() => contributionsOf(examined.value.trace)),
    groups,
    drawing,
    last,
    look,
    picked,
    playing,
    message,
    change,
    go,
    pick(tensor) {
      picked.value = tensor;
    },
    fold(group) {
      const { folded } = state.value;
      change({ folded: folded.includes(group) ? folded.filter((name) => name !== group) : [...folded, group] });
    },
    play,
  };
}
