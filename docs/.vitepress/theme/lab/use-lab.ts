/** @file The lab at work: its state, what follows from it, and what can be done to it. */
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
import type { Point } from '../parts/point.js';
import { useAddress } from '../parts/use-address.js';
import { type Evaluation, evaluate, stepped } from './evaluate.js';
import { extentOf, fittingScale, REST } from './geometry.js';
import { LOSSES, type LossName, type Options } from './losses.js';
import { type PresetName, presets, stateOf } from './presets.js';
import { addressOf, forEachLoss, type LabState, MOST_POINTS, stateAt } from './state.js';

/** How the lab begins. */
export interface Start {
  readonly loss: LossName;
  readonly preset: PresetName;
  readonly options: Options;
  /** Whether the page's address holds the state. */
  readonly addressed: boolean;
}

/** The lab at work. */
export interface Lab {
  readonly state: ShallowRef<LabState>;
  /** What the lab has to say of the last thing that was done. */
  readonly message: Ref<string>;
  readonly playing: Ref<boolean>;
  readonly extent: Ref<number>;
  readonly evaluations: ComputedRef<readonly (Evaluation | { readonly loss: LossName; readonly problem: string })[]>;
  /** Of the loss that the lab is about. */
  readonly evaluation: ComputedRef<Evaluation | undefined>;
  change(part: Partial<LabState>): void;
  move(point: number, to: Point): void;
  drag(on: boolean): void;
  load(name: PresetName, loss?: LossName): void;
  reset(): void;
  addPair(): void;
  removePair(): void;
  step(): void;
  play(on: boolean): void;
  /** Draws the forces of every shown loss as long as fits. */
  fit(): void;
}

/** A lab, begun with a preset or with what the address holds. */
export function useLab(start: Start): Lab {
  let begun: LabState = stateOf(start.preset, { loss: start.loss });
  begun = { ...begun, options: { ...begun.options, [begun.loss]: { ...begun.options[begun.loss], ...start.options } } };
  const state = shallowRef(begun);
  const message = ref('');
  const playing = ref(false);
  const extent = ref(extentOf(begun.points));
  let dragging = false;

  const evaluations = computed(() => {
    const { points, options, sideBySide, loss } = state.value;
    return (sideBySide ? LOSSES : [loss]).map((each) => ({ ...evaluate(each, points, options[each]), loss: each }));
  });
  const evaluation = computed(() => {
    const own = evaluations.value.find(({ loss }) => loss === state.value.loss)!;
    return 'problem' in own ? undefined : own;
  });

  function change(part: Partial<LabState>): void {
    state.value = { ...state.value, ...part };
    // The plane holds still under a point that is dragged.
    if (part.points !== undefined && !dragging) extent.value = extentOf(state.value.points);
  }

  /** What fits, but for a preset that is to be seen at a scale of its own. */
  function scalesOf({ points, options }: LabState, preset?: PresetName): Record<LossName, number> {
    return forEachLoss((loss) => {
      const found = evaluate(loss, points, options[loss]);
      return (preset && presets[preset].scale) ?? ('problem' in found ? 1 : fittingScale(found, points));
    });
  }
  const fit = (): void => change({ scales: scalesOf(state.value) });

  /** Begins anew: this is also what a reset comes back to. */
  function begin(state: LabState): void {
    play(false);
    begun = state;
    change(state);
    message.value = '';
  }

  function load(name: PresetName, loss: LossName = state.value.loss): void {
    const { allPairs, sideBySide, rate } = state.value;
    const loaded = stateOf(name, { loss, seed: Math.floor(Math.random() * 2 ** 31) });
    begin({ ...loaded, allPairs, sideBySide, rate, scales: scalesOf(loaded, name) });
  }

  function move(point: number, to: Point): void {
    change({ points: state.value.points.map((old, i) => (i === point ? to : old)) });
  }

  function addPair(): void {
    const { points } = state.value;
    if (points.length >= MOST_POINTS) return;
    // Turned by the golden angle, each new pair finds a place of its own.
    const angle = (points.length / 2) * 2.4;
    const [x, y] = [0.8 * Math.cos(angle), 0.8 * Math.sin(angle)];
    change({
      points: [...points, [x, y], [x - 0.25 * Math.sin(angle), y + 0.25 * Math.cos(angle)]],
      selected: points.length,
      partner: points.length + 1,
    });
  }

  function removePair(): void {
    const { points, selected } = state.value;
    if (points.length <= 2) return;
    const sample = selected >> 1;
    change({ points: points.filter((_, i) => i >> 1 !== sample), selected: 0, partner: 1 });
  }

  function step(): void {
    const { points, rate } = state.value;
    const moved = evaluation.value && stepped(points, evaluation.value, rate);
    if (evaluation.value === undefined) play(false);
    else if (moved === undefined) {
      play(false);
      message.value = 'This step would carry a point off the plane: it was not taken. Try a lower learning rate.';
    } else change({ points: moved });
  }

  let frame = 0;
  function play(on: boolean): void {
    playing.value = on;
    clearTimeout(frame);
    if (!on) return;
    message.value = '';
    // Whoever asks for less motion gets single steps to look at.
    const pause = matchMedia('(prefers-reduced-motion: reduce)').matches ? 500 : 1000 / 30;
    const tick = (): void => {
      if (evaluation.value?.totals.flat().every((v) => Math.abs(v) < REST)) {
        play(false);
        message.value = 'At rest: no point feels a force any more.';
        return;
      }
      step();
      if (playing.value) frame = window.setTimeout(tick, pause);
    };
    tick();
  }

  function restore(address: string): void {
    const found = stateAt(address);
    if ('problem' in found) {
      message.value = `The address holds no batch of the lab, so here is the usual one: ${found.problem}`;
    } else begin(found);
  }

  onMounted(() => begin({ ...begun, scales: scalesOf(begun, start.preset) }));
  if (start.addressed) useAddress(state, addressOf, restore);
  onBeforeUnmount(() => play(false));

  return {
    state,
    message,
    playing,
    extent,
    evaluations,
    evaluation,
    change,
    move,
    drag(on) {
      dragging = on;
      if (!on) change({ points: state.value.points });
    },
    load,
    reset: () => begin(begun),
    addPair,
    removePair,
    step,
    play,
    fit,
  };
}
