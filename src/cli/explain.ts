/** @file The explain command: one small batch, its loss and its backward pass, with every number. */
import { createInterface } from 'node:readline';
import { Chalk } from 'chalk';
import { type Attribution, type Trace, textParts, toSvg, trace } from '../explain/index.js';
import { cellsOf, cut, shortNumber } from '../explain/numbers.js';
import { grad, type Tensor, tensor } from '../index.js';
import { writeFileAtomically } from '../io/index.js';
import { type Lesson, lessonOf } from './lessons.js';
import type { ExplainSettings } from './settings.js';
import { print, type Shell, takesColors } from './shell.js';

const WIDTH = 80;
const STEP = 1e-5;

/** The gradient of each argument, row by row. */
type Gradients = readonly (readonly (readonly number[])[])[];

/** All that is told about a loss. */
interface Explanation {
  readonly lesson: Lesson;
  readonly value: number;
  readonly trace: Trace;
  readonly gradients: { readonly closedForm: Gradients; readonly autograd: Gradients; readonly differences: Gradients };
  readonly attribution: Attribution;
}

/** Runs the command. */
export async function explain(settings: ExplainSettings, shell: Shell): Promise<void> {
  const explanation = explanationOf(lessonOf(settings));
  const { svg } = settings;
  if (svg !== undefined)
    await writeFileAtomically(svg, toSvg(explanation.trace, { title: `Graph of the ${settings.loss} loss` }));
  if (settings.json) {
    print(shell, JSON.stringify(documentOf(settings, explanation)));
    return;
  }
  await show(pagesOf(explanation, settings.color && takesColors(shell)), settings.step === true, shell);
  if (svg !== undefined) print(shell, `\nThe graph is in ${svg}.`);
}

function explanationOf(lesson: Lesson): Explanation {
  const named = Object.entries(lesson.batch).map(([name, points]) => [name, leafOf(points)] as const);
  const inputs = named.map(([, x]) => x);
  const loss = lesson.loss(...inputs);
  return {
    lesson,
    value: loss.item(),
    trace: trace(() => lesson.loss(...inputs), { names: { ...Object.fromEntries(named), ...lesson.constants } }),
    gradients: {
      closedForm: lesson.closedForm(...inputs).gradients,
      autograd: grad(loss, inputs).map((g) => g.toArray() as number[][]),
      differences: differencesOf(lesson),
    },
    attribution: lesson.attribution(...inputs),
  };
}

const leafOf = (points: readonly (readonly number[])[]): Tensor =>
  tensor(points, { dtype: 'float64', requiresGrad: true });

/** Central finite differences, element by element. */
function differencesOf({ batch, loss }: Lesson): Gradients {
  const inputs = Object.values(batch);
  const at = (input: number, row: number, column: number, step: number): number => {
    const moved = inputs.map((points) => points.map((point) => [...point]));
    moved[input]![row]![column]! += step;
    return loss(...moved.map(leafOf)).item();
  };
  return inputs.map((points, x) =>
    points.map((point, i) => point.map((_, t) => (at(x, i, t, STEP) - at(x, i, t, -STEP)) / (2 * STEP))),
  );
}

/** The JSON document. */
function documentOf({ loss }: ExplainSettings, { lesson, ...rest }: Explanation): unknown {
  const { batch, labels, options } = lesson;
  return { loss, batch, ...(labels && { labels }), options, ...rest };
}

/** What is printed, in the portions that --step waits after. */
function pagesOf(explanation: Explanation, color: boolean): string[] {
  const { lesson, trace } = explanation;
  const { bold } = new Chalk({ level: color ? 1 : 0 });
  const { forward, legend, steps } = textParts(trace, { width: WIDTH, color });
  const lines = (heading: string, ...rest: readonly string[]): string =>
    ['', bold(heading), ...rest.map((line) => cut(line, WIDTH))].join('\n');
  return [
    [bold(lesson.title), ...batchLines(lesson)].join('\n'),
    lines('The loss', ...lesson.formula, '', ...lesson.terms),
    `\n${forward}`,
    `\n${legend}\n${steps[0]}`,
    ...steps.slice(1),
    lines('The gradient by x and y, three ways', ...gradientLines(explanation)),
    lines('Who pulls and pushes whom', ...forceLines(explanation)),
  ];
}

function batchLines({ batch, labels }: Lesson): string[] {
  const names = Object.keys(batch);
  const column = (text: string): string => text.padStart(16);
  const rows = Object.values(batch).map((points) => cellsOf(points));
  return [
    `row${names.map(column).join('')}`,
    ...rows[0]!.map((_, i) => {
      const points = rows.map((cells) => column(cells[i]!.map((cell) => cell.padStart(5)).join(' ')));
      const label = labels === undefined ? '' : `   ${labels[i] === 1 ? 'same' : 'different'}`;
      return `${String(i + 1).padStart(3)}${points.join('')}${label}`;
    }),
  ];
}

function gradientLines({ lesson, gradients }: Explanation): string[] {
  const ways = [gradients.closedForm, gradients.autograd, gradients.differences];
  const column = (text: string): string => text.padStart(23);
  const apart = (other: Gradients): string => {
    const [exact, found] = [gradients.closedForm.flat(2), other.flat(2)];
    return shortNumber(Math.max(...exact.map((v, i) => Math.abs(v - found[i]!))));
  };
  return [
    `   ${['closed form', 'autograd', 'differences'].map(column).join('')}`,
    ...Object.entries(lesson.batch).flatMap(([name, points], x) =>
      points.map((_, i) => {
        const cells = ways.map((way) => column(way[x]![i]!.map((v) => v.toFixed(6).padStart(10)).join(' ')));
        return `${`${name}${i + 1}`.padEnd(3)}${cells.join('')}`;
      }),
    ),
    `Furthest from the closed form: autograd ${apart(gradients.autograd)}, differences ${apart(gradients.differences)}.`,
    ...lesson.kinks.map((row) => `Row ${row + 1} is at a kink: there the differences see both of its sides.`),
  ];
}

/** One line for each row: what every other row does to it, and where that moves it. */
function forceLines({ lesson, attribution }: Explanation): string[] {
  const names = Object.keys(lesson.batch);
  const called = ({ input, row }: { input: number; row: number }): string => `${names[input]}${row + 1}`;
  const lines = Object.values(lesson.batch).flatMap((points, input) =>
    points.map((_, row) => {
      const forces = attribution.forces.filter(({ on }) => on.input === input && on.row === row);
      const told = forces.map(({ from, kind, force }) => {
        const who = from === null ? 'itself' : called(from);
        if (kind === 'none') return `${who} does nothing`;
        return `${who} ${kind === 'pull' ? 'pulls' : 'pushes'} ${shortNumber(Math.hypot(...force))}`;
      });
      const sum = points[row]!.map((_, t) => forces.reduce((total, { force }) => total + force[t]!, 0));
      return `${called({ input, row })}: ${told.join(', ')} → ${cellsOf(sum)[0]!.join(' ')}`;
    }),
  );
  return ['Behind the arrow the sum of the forces, minus the gradient: descent goes there.', ...lines];
}

/** Prints page by page; on a terminal waits for Enter where that is wanted. */
async function show(pages: readonly string[], wait: boolean, shell: Shell): Promise<void> {
  if (!wait || !shell.stdin.isTTY) {
    print(shell, pages.join('\n'));
    return;
  }
  const answers = createInterface({ input: shell.stdin });
  const answer = answers[Symbol.asyncIterator]();
  for (const [index, page] of pages.entries()) {
    print(shell, page);
    if (index === pages.length - 1) break;
    shell.stdout.write('Enter: next, q: quit ');
    const { done, value } = await answer.next();
    if (done || value.trim() === 'q') break;
  }
  answers.close();
}
