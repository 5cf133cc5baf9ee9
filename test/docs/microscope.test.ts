/** @file The microscope's model without a page: every gradient of every subject, its parts, folding, and addresses. */
import { describe, expect, test } from 'vitest';
import { drawingOf, groupsOf } from '../../docs/.vitepress/theme/microscope/drawing.js';
import { arrived, contributionsOf, flat, settled } from '../../docs/.vitepress/theme/microscope/pass.js';
import { differences, lossWith } from '../../docs/.vitepress/theme/microscope/replay.js';
import { addressOf, type MicroscopeState, START, stateAt } from '../../docs/.vitepress/theme/microscope/state.js';
import { examine, LOSSES, type Subject } from '../../docs/.vitepress/theme/microscope/subject.js';
import { namesOf } from '../../src/explain/names.js';

const subjects = LOSSES.flatMap((loss) =>
  [false, true].flatMap((encoder) =>
    (['small', 'large'] as const).map((batch): [string, Subject] => [
      `${loss}${encoder ? ' through a layer' : ''}, ${batch}`,
      { loss, encoder, batch },
    ]),
  ),
);

describe.each(subjects)('%s', (_, subject) => {
  const { trace, tensors } = examine(subject);

  test('the gradient of every leaf and of every result is that of central differences', () => {
    let compared = 0;
    for (const { id, gradient } of trace.tensors) {
      if (gradient === null) continue;
      const expected = differences(trace, tensors, id);
      flat(gradient).forEach((value, i) => {
        expect(Math.abs(value - expected[i]!), `${id} ${i}`).toBeLessThan(1e-7);
        compared++;
      });
    }
    expect(compared).toBeGreaterThan(40);
  });

  test('a graph that is computed again gives the same loss', () => {
    for (const { id, gradient } of trace.tensors) {
      if (gradient !== null) {
        expect(lossWith(trace, tensors, id, Float64Array.from(tensors[id]!.dataSync()))).toBe(
          trace.tensors[trace.loss]!.value,
        );
      }
    }
  });

  test('the parts of a gradient add up to it, step by step', () => {
    for (const [id, parts] of contributionsOf(trace).entries()) {
      const { gradient } = trace.tensors[id]!;
      if (gradient === null) {
        expect(parts).toEqual([]);
        continue;
      }
      const sum = flat(gradient).map(() => 0);
      for (const { gradient: part, total } of parts) {
        flat(part!).forEach((value, i) => {
          sum[i]! += value;
          expect(sum[i]).toBeCloseTo(flat(total!)[i]!, 12);
        });
      }
      expect(parts.at(-1)!.total).toEqual(gradient);
      expect(arrived(parts, trace.steps.length)).toEqual(parts);
      expect(arrived(parts, parts[0]!.step)[0]).toEqual(parts[0]);
    }
  });

  test('each group folds into boxes of its own, and every tensor has a box', () => {
    const whole = drawingOf(trace, []);
    const covered = whole.arrows.filter(({ label: { x, y } }) =>
      whole.boxes.some(
        ({ place }) => Math.abs(place.x - x) < place.width / 2 && Math.abs(place.y - y) < place.height / 2,
      ),
    );
    expect(covered).toEqual([]);
    expect(whole.boxes.some(({ folded }) => folded)).toBe(false);
    for (const group of groupsOf(trace)) {
      const folded = drawingOf(trace, [group]);
      expect(folded.boxes.length, group).toBeLessThan(whole.boxes.length);
      const ids = new Set(folded.boxes.map(({ id }) => id));
      expect(trace.tensors.every(({ id }) => ids.has(folded.homes[id]!))).toBe(true);
      expect(folded.arrows.every(({ from, to }) => ids.has(from) && ids.has(to) && from !== to)).toBe(true);
    }
  });
});

test('the groups are those of the layer, of the loss and of its mean', () => {
  const of = (subject: Partial<Subject>): string[] => groupsOf(examine({ ...START, ...subject }).trace);
  expect(of({})).toEqual(['distance', 'hinge', 'reduction']);
  expect(of({ loss: 'infonce', encoder: true })).toEqual(['layer', 'linear 2-2', 'normalize', 'scores', 'reduction']);
});

test('the steps that the page names are where it says', () => {
  const { trace } = examine({ ...START, loss: 'contrastive' });
  const names = namesOf(trace);
  const [twice] = [...names.keys()].filter((id) => names[id] === 'sum₁');
  const parts = contributionsOf(trace)[twice!]!;
  expect(parts.map(({ step, from }) => [step, names[from!]])).toEqual([
    [4, 'where'],
    [8, 'safeSqrt'],
  ]);
  const missing = flat(parts[1]!.gradient!).map(Math.abs);
  expect(Math.max(...missing)).toBeCloseTo(0.0467, 4);

  const triplet = examine({ ...START, loss: 'triplet' }).trace;
  const { tensor, flows } = triplet.steps[2]!;
  expect(triplet.tensors[tensor]!.op).toBe('relu');
  expect(flat(triplet.tensors[tensor]!.gradient!)).toEqual([1 / 3, 1 / 3, 1 / 3]);
  expect(flat(flows[0]!.gradient!)).toEqual([1 / 3, 1 / 3, 0]);
});

test('rounding is shown as 0, and all else as it is', () => {
  expect(
    settled([
      [-2.8e-17, 1e-11],
      [0, 'NaN'],
    ]),
  ).toEqual([
    [0, 1e-11],
    [0, 'NaN'],
  ]);
});

test('a state comes back from its address', () => {
  const states: MicroscopeState[] = [
    START,
    { loss: 'mi', encoder: true, batch: 'large', step: 7, folded: ['layer', 'linear 5-2'], compare: true },
  ];
  for (const state of states) expect(stateAt(addressOf(state))).toEqual(state);
});

test.each([
  ['loss=hinge', 'no loss is called hinge'],
  ['batch=huge', 'no batch is called huge'],
  ['step=-1', '-1 is no step'],
  ['step=1e9', '1e9 is no step'],
])('the address %s is refused', (address, problem) => {
  expect(stateAt(address)).toEqual({ problem });
});
