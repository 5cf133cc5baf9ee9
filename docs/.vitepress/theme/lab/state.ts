/** @file What the lab shows, and the address that holds it. */
import * as v from 'valibot';
import type { Point } from '../parts/point.js';
import { type Control, LOSSES, type LossName, losses, type Options, presetOptions } from './losses.js';

/** Points stay this close to the origin, along each axis. */
export const REACH = 10;

/** How many points a batch may have. */
export const MOST_POINTS = 64;

/** What the lab shows. Points 2k and 2k + 1 are the two views of sample k, and of one class. */
export interface LabState {
  readonly points: readonly Point[];
  /** The loss that steps, formula and matrices are about. */
  readonly loss: LossName;
  readonly options: Readonly<Record<LossName, Options>>;
  /** Whether all losses are drawn, each with its forces on the same batch. */
  readonly sideBySide: boolean;
  readonly selected: number;
  /** The point that makes a pair with the selected one. */
  readonly partner: number;
  readonly allPairs: boolean;
  /** How long a force of 1 is drawn. */
  readonly scales: Readonly<Record<LossName, number>>;
  /** The learning rate. */
  readonly rate: number;
}

/** One value for each loss. */
export const forEachLoss = <Value>(make: (loss: LossName) => Value): Record<LossName, Value> =>
  Object.fromEntries(LOSSES.map((loss) => [loss, make(loss)])) as Record<LossName, Value>;

const between = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));
const index = v.pipe(v.number(), v.integer(), v.minValue(0));

function schemaOf(control: Control) {
  if (control.kind === 'switch') return v.optional(v.boolean(), control.preset);
  if (control.kind === 'choice') return v.optional(v.picklist(Object.keys(control.choices)), control.preset);
  return v.optional(between(control.least, control.most), control.preset);
}

const schema = v.pipe(
  v.strictObject({
    points: v.pipe(
      v.array(v.strictTuple([between(-REACH, REACH), between(-REACH, REACH)])),
      v.minLength(2),
      v.maxLength(MOST_POINTS),
      v.check(({ length }) => length % 2 === 0, 'needs an even number of points'),
    ),
    loss: v.picklist(LOSSES),
    options: v.strictObject(
      forEachLoss((loss) =>
        v.optional(v.strictObject(Object.fromEntries(losses[loss].controls.map((c) => [c.key, schemaOf(c)]))), {}),
      ),
    ),
    sideBySide: v.boolean(),
    selected: index,
    partner: index,
    allPairs: v.boolean(),
    scales: v.strictObject(forEachLoss(() => between(1e-3, 1e3))),
    rate: between(1e-3, 100),
  }),
  v.check(
    ({ points, selected, partner }) => Math.max(selected, partner) < points.length,
    'selects a point that is not there',
  ),
);

const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

/** The part of an address that holds a state: JSON in base64url, without what is as it is anyway. */
export function addressOf(state: LabState): string {
  const chosen = ([loss, options]: [string, Options]): [string, Options] => {
    const presets = presetOptions(loss as LossName);
    return [loss, Object.fromEntries(Object.entries(options).filter(([key, value]) => value !== presets[key]))];
  };
  const short = {
    ...state,
    points: state.points.map((point) => point.map(rounded)),
    options: Object.fromEntries(
      Object.entries(state.options)
        .map(chosen)
        .filter(([, o]) => Object.keys(o).length > 0),
    ),
  };
  return btoa(JSON.stringify(short)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The state that an address holds, or what is wrong with it. */
export function stateAt(address: string): LabState | { readonly problem: string } {
  let given: unknown;
  try {
    given = JSON.parse(atob(address.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return { problem: 'it is no JSON in base64url; was it cut off?' };
  }
  const { success, output, issues } = v.safeParse(schema, given);
  if (success) return output as LabState;
  const [first] = issues;
  const path = v.getDotPath(first);
  return { problem: path === null ? first.message : `${path}: ${first.message}` };
}
