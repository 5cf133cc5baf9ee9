/** @file What a report shows: chosen, projected and measured as its notes say; and data that can do no harm. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, pictureShape, picturesOf } from '../../src/cli/report/bytes.js';
import { someOfEachClass, someRows } from '../../src/cli/report/choice.js';
import type { Absent, ReportData, ReportInput, ReportRows } from '../../src/cli/report/data.js';
import { reportOf } from '../../src/cli/report/index.js';
import { nearestTo, spaceOf } from '../../src/cli/report/neighbours.js';
import { inertJson, renderReport } from '../../src/cli/report/render.js';
import { balancedPairs } from '../../src/data/index.js';
import { Generator, metrics } from '../../src/index.js';
import { assertProperty } from '../support/depth.js';

const PLACE = '<script type="application/json" id="data">null</script>';

/** Rows around one centre for each class; class after class in turn. */
function rowsOf(classes: number, count: number, size: number, seed = 1): ReportRows & { labels: Int32Array } {
  const generator = new Generator(seed);
  const centres = Array.from({ length: classes * size }, () => 4 * generator.normal());
  const at = (i: number): number => centres[(Math.floor(i / size) % classes) * size + (i % size)]!;
  return {
    count,
    embeddings: Float32Array.from({ length: count * size }, (_, i) => at(i) + generator.normal()),
    features: Float32Array.from({ length: count * 8 }, () => generator.normal()),
    labels: Int32Array.from({ length: count }, (_, row) => row % classes),
  };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `class ${at}`);

function report(tested: ReportRows, rest: Partial<ReportInput> = {}): ReportData {
  return reportOf({
    ...{ title: 'runs/x', command: 'contragrad train', facts: [], figures: [], settings: [] },
    ...{ history: { entries: [{ epoch: 1, loss: 1 }] }, metric: 'euclidean', tested },
    ...rest,
  });
}

/** A part that must be there. */
function there<Part extends object>(part: Part | Absent): Part {
  if ('absent' in part) throw new TypeError(part.absent);
  return part;
}

describe('choice', () => {
  test('few rows are all shown; of many, different ones in order, at random', () => {
    const generator = new Generator(0);
    expect(someRows(4, 4, generator)).toEqual([0, 1, 2, 3]);
    const rows = someRows(9000, 3000, generator);
    expect(new Set(rows).size).toBe(3000);
    expect(rows).toEqual([...rows].sort((p, q) => p - q));
    // Evenly spaced ones would all be of one class where classes take turns.
    for (const label of [0, 1, 2]) expect(rows.filter((row) => row % 3 === label).length).toBeGreaterThan(800);
  });

  test('classes get equal shares, or some of them enough rows each', () => {
    const generator = new Generator(0);
    const uneven = [...Array(500).fill(0), ...Array(30).fill(1), ...Array(500).fill(2)];
    const few = someOfEachClass(uneven, { most: 200, least: 4, generator });
    expect([0, 1, 2].map((label) => few.rows.filter((row) => uneven[row] === label).length)).toEqual([66, 30, 66]);
    const many = Array.from({ length: 2000 }, (_, row) => row % 200);
    const some = someOfEachClass(many, { most: 200, least: 4, generator });
    expect(some.classes).toBe(50);
    const labels = some.rows.map((row) => many[row]!);
    expect(labels).toEqual([...labels].sort((p, q) => p - q));
    expect(labels).toHaveLength(200);
    expect(new Set(labels).size).toBe(50);
  });

  test('the nearest are those that sorting all distances finds', () => {
    const point = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 2 });
    assertProperty(
      fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 6 }), (points, k) => {
        const space = spaceOf(points.flat(), points.length, false);
        const far = points.map(([x, y]) => Math.hypot(x! - points[0]![0]!, y! - points[0]![1]!));
        const order = [...points.keys()].slice(1).sort((p, q) => far[p]! - far[q]! || p - q);
        const { rows, distances } = nearestTo(space, 0, space, k, 0);
        expect(rows).toEqual(order.slice(0, k));
        distances.forEach((distance, i) => {
          expect(distance).toBeCloseTo(far[rows[i]!]!, 12);
        });
      }),
    );
  });
});

describe('pictures', () => {
  test('shapes of pictures', () => {
    expect(pictureShape([8, 32])).toEqual([1, 8, 32]);
    expect(pictureShape([3, 64, 48])).toEqual([3, 64, 48]);
    for (const none of [undefined, [64], [2, 8, 8], [1, 1, 8], [1, 2, 3, 4]])
      expect(pictureShape(none)).toBeUndefined();
  });

  test('channels go last, large ones are averaged, and all share one range', () => {
    const planes = [0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 255];
    const small = picturesOf([planes], [3, 2, 2], { side: 8, bytes: 1e6 });
    expect(small).toMatchObject({ height: 2, width: 2, channels: 3 });
    expect([...Buffer.from(small.bytes, 'base64')]).toEqual([0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 255]);
    const wide = picturesOf([[0, 2, 4, 6, 0, 2, 4, 6], Array(8).fill(255)], [1, 2, 4], { side: 2, bytes: 1e6 });
    expect(wide).toMatchObject({ height: 1, width: 2 });
    expect([...Buffer.from(wide.bytes, 'base64')]).toEqual([0, 4, 255, 255]);
    // Two of three: the one in the middle counts for both.
    const uneven = picturesOf([[0, 100, 200], Array(3).fill(0), Array(3).fill(255)], [1, 1, 3], {
      side: 2,
      bytes: 1e6,
    });
    expect([...Buffer.from(uneven.bytes, 'base64')]).toEqual([50, 150, 0, 0, 255, 255]);
  });

  test('many pictures share the bytes that there are', () => {
    const rows = Array.from({ length: 100 }, () => new Float32Array(64 * 64));
    const { height, width } = picturesOf(rows, [1, 64, 64], { side: 64, bytes: 40_000 });
    expect([height, width]).toEqual([20, 20]);
    expect(Buffer.from(bytesOf(Float64Array.of(5, 5), 5, 5), 'base64')).toEqual(Buffer.from([0, 0]));
  });
});

describe('a report', () => {
  const tested = rowsOf(3, 90, 5);
  const gallery = rowsOf(3, 120, 5);

  test('is the same after a way through JSON', () => {
    const made = report(tested, {
      gallery,
      classes: names(3),
      shape: [2, 4],
      diagnosis: { verdict: 'v', findings: [] },
    });
    expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  });

  test('two dimensions are shown as they are, one on a line, more by what varies most', () => {
    const plane = there(report(rowsOf(2, 20, 2)).scatter);
    const { embeddings } = rowsOf(2, 20, 2);
    plane.points.forEach(({ x, y }, i) => {
      expect(x).toBeCloseTo(embeddings[2 * i]!, 3);
      expect(y).toBeCloseTo(embeddings[2 * i + 1]!, 3);
    });
    expect(there(report(rowsOf(2, 20, 1)).scatter).points.every(({ y }) => y === null)).toBe(true);
    // 100 : 1 of two directions in space.
    const line = Float64Array.from({ length: 300 }, (_, i) => [(i / 3) * 2, (i / 3) * 1, Math.sin(i)][i % 3]!);
    const scatter = there(report({ count: 100, embeddings: line, features: line }).scatter);
    expect(scatter.x).toBe('component 1 (100 % of the variance)');
    const steps = scatter.points.slice(1).map(({ x }, i) => Math.abs(x - scatter.points[i]!.x));
    expect(Math.max(...steps)).toBeGreaterThan(1);
    const one = there(report({ count: 4, embeddings: Array(16).fill(0.1), features: [1, 2, 3, 4] }).scatter);
    expect(one.points.map(({ x, y }) => [x, y])).toEqual(Array(4).fill([0, 0]));
  });

  test('neighbours are looked for in the gallery, or among the other rows', () => {
    const { points } = there(report(tested, { gallery, classes: names(3) }).scatter);
    const [own, other] = [spaceOf(tested.embeddings, 90, false), spaceOf(gallery.embeddings, 120, false)];
    points.forEach(({ neighbours }, i) => {
      expect(neighbours).toEqual(nearestTo(own, i, other, 5).rows.map((row) => gallery.labels[row]));
    });
    const alone = there(report(tested, { classes: names(3) }).gallery);
    for (const { query, nearest, distances } of alone.rows) {
      const row = Number(alone.samples[query]!.name.slice(4)) - 1;
      const found = nearestTo(own, row, own, 5, row);
      expect(nearest.map((at) => alone.samples[at]!.name)).toEqual(found.rows.map((at) => `row ${at + 1}`));
      distances.forEach((distance, i) => {
        expect(distance).toBeCloseTo(found.distances[i]!, 3);
      });
    }
  });

  test('mistakes are shown as such', () => {
    // Rows 0 and 1 are as near as can be, and of two classes.
    const embeddings = [0, 0.1, 10, 11, 20, 21];
    const labels = Int32Array.of(0, 1, 0, 0, 1, 1);
    const made = there(report({ count: 6, embeddings, features: embeddings, labels }, { classes: ['a', 'b'] }).gallery);
    expect(made.note).toContain('The nearest neighbour of 2 of 6 rows is of another class.');
    expect(made.rows).toHaveLength(6);
  });

  test('the ROC curve is that of the pairs that the figures are measured on', () => {
    const { encoder, raw } = there(report(tested, { seed: 7 }).roc);
    const pairs = balancedPairs(tested.labels, { count: 8000, generator: new Generator(7) });
    const space = spaceOf(tested.embeddings, 90, false);
    const far = (a: number, b: number): number =>
      Math.hypot(...[0, 1, 2, 3, 4].map((t) => space.values[a * 5 + t]! - space.values[b * 5 + t]!));
    const scores = pairs.a.map((a, i) => -far(a, pairs.b[i]!));
    expect(encoder.area).toBeCloseTo(metrics.rocAuc(scores, pairs.same), 9);
    expect(encoder.equalError).toBeCloseTo(metrics.equalErrorRate(scores, pairs.same).rate, 9);
    expect(encoder.falseAccepts.length).toBeLessThanOrEqual(202);
    // The thinned curve has all but the same area.
    let area = 0;
    encoder.falseAccepts.forEach((x, i) => {
      if (i > 0)
        area += ((x - encoder.falseAccepts[i - 1]!) * (encoder.trueAccepts[i]! + encoder.trueAccepts[i - 1]!)) / 2;
    });
    expect(area).toBeCloseTo(encoder.area, 2);
    expect(raw!.area).toBeGreaterThan(0.4);
    expect(raw!.area).toBeLessThan(0.6);
  });

  test('the heatmap holds every distance of its rows, sorted by class', () => {
    for (const metric of ['euclidean', 'cosine'] as const) {
      const { samples, bytes, least, most } = there(report(tested, { metric }).heatmap);
      const labels = samples.map(({ label }) => label);
      expect(labels).toEqual([...labels].sort());
      const rows = samples.map(({ name }) => Number(name.slice(4)) - 1);
      const cells = Buffer.from(bytes, 'base64');
      const space = spaceOf(tested.embeddings, 90, metric === 'cosine');
      const row = (at: number): Float64Array => space.values.subarray(rows[at]! * 5, rows[at]! * 5 + 5);
      for (const [p, q] of [
        [0, 0],
        [3, 70],
        [89, 12],
      ] as const) {
        const sum = (of: (a: number, b: number) => number): number =>
          row(p).reduce((total, value, t) => total + of(value, row(q)[t]!), 0);
        const expected = metric === 'cosine' ? sum((a, b) => a * b) : Math.sqrt(sum((a, b) => (a - b) ** 2));
        const shown = least + ((most - least) * cells[p * 90 + q]!) / 255;
        expect(Math.abs(shown - expected)).toBeLessThan((most - least) / 255);
      }
    }
  });

  test('classes are in the order of their names, ten after nine', () => {
    const { classes, scatter } = report(tested, { classes: ['10', '9', '1'] });
    expect(classes).toEqual(['1', '9', '10']);
    expect(
      there(scatter)
        .points.slice(0, 3)
        .map(({ label }) => classes[label]),
    ).toEqual(['10', '9', '1']);
  });

  test('large data are sampled, and the notes say how', () => {
    const { scatter, heatmap } = report(rowsOf(200, 2400, 4), { classes: names(200) });
    expect(there(scatter).points).toHaveLength(2000);
    expect(there(scatter).note).toContain('A random 2,000 of 2,400 test rows.');
    expect(there(heatmap).samples).toHaveLength(200);
    expect(there(heatmap).note).toContain('50 of 200 classes');
  });

  test('what cannot be shown says why', () => {
    const reason = (part: object): string | undefined => ('absent' in part ? String(part.absent) : undefined);
    const { labels, ...unlabelled } = tested;
    expect(labels).toHaveLength(90);
    expect(reason(report(unlabelled).roc)).toContain('Test rows have no classes');
    expect(reason(report(rowsOf(1, 9, 3)).roc)).toContain('All test rows are of one class');
    expect(reason(report(rowsOf(9, 9, 3)).roc)).toContain('No class has two test rows');
    expect(reason(report(rowsOf(1, 1, 3)).gallery)).toContain('no other row');
    const nothing = report({ count: 0, embeddings: [], features: [] }, { history: { entries: [] } });
    expect([nothing.scatter, nothing.heatmap, nothing.roc, nothing.gallery].map(reason)).toEqual(
      Array(4).fill('There are no test rows.'),
    );
    expect(reason(nothing.history)).toContain('Nothing was recorded');
    expect(reason(nothing.diagnosis)).toContain('No batch was diagnosed');
  });

  test('rows whose embedding is not finite are left out and counted', () => {
    const embeddings = Float32Array.from(tested.embeddings);
    embeddings[7] = Number.NaN;
    const { points, note } = there(report({ ...tested, embeddings }, { classes: names(3) }).scatter);
    expect(points).toHaveLength(89);
    expect(points[1]!.name).toBe('row 3');
    expect(note).toContain('1 of 90 test rows are left out');
    const all = report({ ...tested, embeddings: embeddings.fill(Number.NaN) });
    expect(all.scatter).toEqual({ absent: 'None of the 90 embeddings of test rows is finite.' });
  });

  test('a history keeps its gaps, and long ones are averaged', () => {
    const entries = [1, Number.NaN, 3].map((loss, i) => ({ epoch: i + 1, loss }));
    const short = there(report(tested, { history: { entries, kept: 3 } }).history);
    expect(short.entries.map(({ loss }) => loss)).toEqual([1, null, 3]);
    expect(short.kept).toBe(3);
    expect(short.note).toContain('not finite in 1 of 3 records');
    const many = Array.from({ length: 4500 }, (_, i) => ({ epoch: i + 1, loss: i, validationLoss: 2 * i }));
    const long = there(report(tested, { history: { entries: many } }).history);
    expect(long.entries).toHaveLength(1500);
    expect(long.entries[1]).toEqual({ epoch: 6, loss: 4, validationLoss: 8 });
    expect(long.note).toContain('the mean of 3 of 4,500 records');
  });

  test('tables tell their first features by name', () => {
    const { points } = there(report(tested, { featureNames: ['__proto__', 'b'] }).scatter);
    const [first, second] = [tested.features[0]!, tested.features[1]!].map((value) => Number(value.toPrecision(3)));
    expect(points[0]!.text).toMatch(`__proto__ ${first} · b ${second} · `);
    expect(points[0]!.text).toMatch(/ · … \(2 more\)$/);
  });

  test('rows that do not fit are refused', () => {
    expect(() => report({ ...tested, embeddings: [1, 2, 3] })).toThrow(
      'reportOf: tested.embeddings must hold 90 rows, got 3 numbers',
    );
    expect(() => report({ ...tested, labels: Int32Array.of(1) })).toThrow('tested.labels must have 90 entries, got 1');
    expect(() => report(tested, { shape: [1, 5, 5] })).toThrow('rows of shape [1,5,5] must hold 25 numbers, got 8');
  });
});

describe('the page', () => {
  test('data in it are JSON without a way out', () => {
    // What fc.string({ unit: 'binary' }) gives, after a second of preparation: any code points, halves of pairs included.
    const anything = fc.array(fc.integer({ min: 0, max: 0x10ffff })).map((codes) => String.fromCodePoint(...codes));
    const text = fc.oneof(anything, fc.constantFrom('</script>', '<!--', '\u2028', '\u2029', '$&'));
    assertProperty(
      fc.property(fc.dictionary(text, text, { maxKeys: 4 }), (value) => {
        const json = inertJson(value);
        expect(json).not.toMatch(/[<\u2028\u2029]/);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('a report is put where the template says, as it is', () => {
    const made = { ...report(rowsOf(1, 3, 2)), title: "$& $' </script>" };
    const page = renderReport(made, `a${PLACE}b`);
    const [, json] = /^a<script type="application\/json" id="data">(.*)<\/script>b$/s.exec(page)!;
    expect(JSON.parse(json!)).toEqual(made);
  });
});
