/** @file Boxes and arrows of a graph that is too large for a layout without crossings: in rows, by loops alone. */
import type { Arrow, Box, Graph } from './graph.js';
import { APART, MARGIN, type Place, type Placement, type Point, sizeOf } from './placement.js';

/** Over how many lanes the arrows that pass a row are spread, and how far apart these are. */
const LANES = 12;
const LANE = 8;

/**
 * Each box one row below the lowest of its inputs, an input one row above its first use, each row around the middle.
 * An arrow that passes a row runs down a lane at the right, whose number comes from the box that it leaves.
 */
export function stacked({ boxes, arrows }: Graph, gap: number): Placement {
  const rows: Box[][] = [];
  const ranks = ranksOf(boxes, arrows);
  for (const box of boxes) {
    const rank = ranks.get(box.id)!;
    rows[rank] ??= [];
    rows[rank].push(box);
  }
  const sizes = new Map(boxes.map((box) => [box.id, sizeOf(box)]));
  const widthOf = (row: readonly Box[]): number =>
    row.reduce((sum, { id }) => sum + sizes.get(id)!.width + APART, -APART);
  const widest = rows.reduce((most, row) => Math.max(most, widthOf(row)), 0);
  const places = new Map<number, Place>();
  const tops: number[] = [];
  let top = MARGIN;
  for (const row of rows) {
    const height = row.reduce((most, { id }) => Math.max(most, sizes.get(id)!.height), 0);
    let left = MARGIN + (widest - widthOf(row)) / 2;
    for (const { id } of row) {
      const size = sizes.get(id)!;
      places.set(id, { ...size, x: left + size.width / 2, y: top + height / 2 });
      left += size.width + APART;
    }
    tops.push(top);
    top += height + gap;
  }
  const bendsOf = ({ from, to }: Arrow): Point[] => {
    const above = tops[ranks.get(to)!]! - gap / 2;
    if (ranks.get(to) === ranks.get(from)! + 1) {
      return [{ x: (places.get(from)!.x + places.get(to)!.x) / 2, y: above }];
    }
    const x = MARGIN + widest + APART + LANE * (from % LANES);
    const below = (tops[ranks.get(from)! + 1] ?? top) - gap / 2;
    return [
      { x, y: below },
      { x, y: above },
    ];
  };
  return { width: widest + APART + LANE * LANES + 2 * MARGIN, height: top - gap + MARGIN, places, bendsOf };
}

/** The row of each box, from 0; of boxes that wait for each other, as folded groups may, the first goes first. */
function ranksOf(boxes: readonly Box[], arrows: readonly Arrow[]): Map<number, number> {
  const users = new Map<number, number[]>(boxes.map(({ id }) => [id, []]));
  const waiting = new Map<number, number>(boxes.map(({ id }) => [id, 0]));
  for (const { from, to } of arrows) {
    users.get(from)!.push(to);
    waiting.set(to, waiting.get(to)! + 1);
  }
  const leaves = boxes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  const ranks = new Map<number, number>(boxes.map(({ id }) => [id, 0]));
  const done = new Set<number>();
  for (const { id: next } of [...leaves.map((id) => ({ id })), ...boxes]) {
    const ready = [next];
    for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
      if (done.has(id)) continue;
      done.add(id);
      for (const user of users.get(id)!) {
        if (done.has(user)) continue;
        ranks.set(user, Math.max(ranks.get(user)!, ranks.get(id)! + 1));
        waiting.set(user, waiting.get(user)! - 1);
        if (waiting.get(user) === 0) ready.push(user);
      }
    }
  }
  for (const id of leaves) {
    const first = users.get(id)!.reduce((least, user) => Math.min(least, ranks.get(user)!), Number.POSITIVE_INFINITY);
    if (Number.isFinite(first)) ranks.set(id, Math.max(first - 1, 0));
  }
  return ranks;
}
