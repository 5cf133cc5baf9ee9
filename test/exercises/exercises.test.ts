/** @file The exercises: each solution passes, each gap is blank, and typical mistakes are named. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import type * as Contragrad from '../../src/index.js';
import { MISTAKES } from './mistakes.js';
import { OTHER_WAYS } from './other-ways.js';

/** What is said of an answer. */
interface Verdict {
  readonly status: 'passed' | 'blank' | 'wrong';
  readonly feedback: string;
}

/** One exercise, as the grader lists it. */
interface Exercise {
  readonly file: string;
  readonly name: string;
  readonly page: string;
}

/** What these tests take from the grader, which is plain JavaScript. */
interface Grader {
  readonly exercises: readonly Exercise[];
  gradeFile(exercise: Exercise, path: string): Promise<Verdict>;
}

/** A file to grade: which exercise, from 0, and where. */
interface Job {
  readonly index: number;
  readonly path: string;
}

const load = (path: string): Promise<unknown> => import(pathToFileURL(resolve(path)).href);
const { exercises, gradeFile } = (await load('exercises/grade/exercises.js')) as Grader;
const { grade } = (await load('exercises/grade/verdict.js')) as {
  grade(exercise: Exercise, answer: unknown): Verdict;
};
const { gradeInTime } = (await load('exercises/grade/in-time.js')) as {
  gradeInTime(jobs: readonly Job[], seconds?: number): AsyncGenerator<Verdict>;
};
const { report } = (await load('exercises/grade/report.js')) as {
  report(number: number, exercise: Exercise, path: string, verdict: Verdict): string;
};
// The grader's own copy of the library, in which a tensor is a tensor of its engine.
const { contragrad } = (await load('test/exercises/engine.js')) as { contragrad: typeof Contragrad };

/** What to say where a gap is not blank: a learner who runs the tests has broken nothing. */
const filledIn = ({ file }: Exercise): string =>
  `exercises/${file} is filled in: that is fine for you, not for a commit. "git restore exercises/${file}" empties it`;

const folder = mkdtempSync(join(tmpdir(), 'contragrad-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs what `npm run exercises --` runs, colours off. */
async function command(...args: string[]): Promise<{ status: number; output: string }> {
  const ran = promisify(execFile)('node', ['exercises/grade/main.js', ...args], {
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  return ran.then(
    ({ stdout }) => ({ status: 0, output: stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      status: code,
      output: stdout + stderr,
    }),
  );
}

test('the exercises are numbered without a gap; each has a solution and a page', () => {
  const files = exercises.map(({ file }) => file);
  expect(files.map((file) => Number(file.slice(0, 2)))).toEqual([1, 2, 3, 4, 5, 6]);
  const scripts = (path: string): string[] => readdirSync(path).filter((name) => name.endsWith('.js'));
  expect(scripts('exercises')).toEqual(files);
  expect(scripts('exercises/solutions')).toEqual(files);
  const pages = readdirSync('docs/exercises').filter((name) => name !== 'index.md');
  expect(pages.sort()).toEqual(exercises.map(({ page }) => `${page}.md`).sort());
  exercises.forEach(({ page }, index) => {
    const text = readFileSync(join('docs/exercises', `${page}.md`), 'utf8');
    expect(text).toContain(`npm run exercises -- ${index + 1}`);
    expect(text.match(/^::: details Hint \d/gm)!.length).toBeGreaterThanOrEqual(2);
  });
});

test('the page shows an answer as it is printed, in lines that fit', () => {
  const [first] = exercises as [Exercise];
  const verdict = grade(first, (g: Contragrad.Tensor, { out }: { out: Contragrad.Tensor }) => g.mul(out.neg().add(1)));
  const printed = report(1, first, `exercises/${first.file}`, verdict);
  expect(readFileSync('docs/exercises/index.md', 'utf8')).toContain(`\`\`\`text\n${printed}\n\n0 of 1 passes.\n`);
  const long = report(1, first, `exercises/${first.file}`, { status: 'wrong', feedback: 'word '.repeat(99) });
  expect(Math.max(...long.split('\n').map((line) => line.length))).toBeLessThanOrEqual(76);
});

test('each solution passes', async () => {
  for (const exercise of exercises) {
    const verdict = await gradeFile(exercise, join('exercises/solutions', exercise.file));
    expect([exercise.file, verdict]).toEqual([exercise.file, { status: 'passed', feedback: '' }]);
  }
});

test('each gap is blank', async () => {
  for (const exercise of exercises) {
    const verdict = await gradeFile(exercise, join('exercises', exercise.file));
    expect(verdict, filledIn(exercise)).toEqual({ status: 'blank', feedback: '' });
  }
});

describe.each(exercises.map((exercise) => ({ exercise, title: exercise.file })))('$title', ({ exercise }) => {
  const mistakes = MISTAKES[exercise.name]?.(contragrad) ?? [];

  test('at least three typical mistakes are tried, and what is meant to be told apart is', () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(3);
    const told = new Map<string, string>();
    for (const [, says, answer] of mistakes) {
      const { feedback } = grade(exercise, answer);
      expect([feedback, told.get(feedback) ?? says]).toEqual([feedback, says]);
      told.set(feedback, says);
    }
  });

  test.each(mistakes)('%s', (_, says, answer) => {
    const { status, feedback } = grade(exercise, answer);
    expect(feedback).toContain(says);
    expect(status).toBe('wrong');
  });

  test.each(OTHER_WAYS[exercise.name]!(contragrad))('it passes too when it is written %s', (_, answer) => {
    expect(grade(exercise, answer)).toEqual({ status: 'passed', feedback: '' });
  });

  test.each<[string, string, unknown]>([
    ['returns nothing', 'without a return', () => undefined],
    ['returns a number', 'a number where a tensor is wanted: stay in operations', () => 1],
    [
      'reckons with signs',
      'NaN where a tensor is wanted: the signs + - * / ** < <= > >= and Math do not',
      () => Number.NaN,
    ],
    ['returns rows', 'an array where a tensor is wanted', () => [[1]]],
    ['is no function', 'must', 3],
    [
      'throws',
      'your code throws TypeError: x.cosine is not a function',
      () => {
        throw new TypeError('x.cosine is not a function');
      },
    ],
  ])('what %s is told so', (_, says, answer) => {
    const isOperation = exercise.name === 'huberOp' && typeof answer === 'function';
    const given = isOperation
      ? contragrad.defineOp<readonly [Contragrad.Tensor], { readonly delta: number }>({
          name: 'huber',
          formula: '',
          localDerivative: [''],
          forward: answer as () => Contragrad.Tensor,
          pullBack: [(g) => g],
        })
      : answer;
    const { status, feedback } = grade(exercise, given);
    expect(feedback).toContain(says);
    expect(status).toBe('wrong');
  });
});

describe('files that cannot be graded', () => {
  const [first] = exercises as [Exercise];
  const fileOf = (name: string, text: string): string => {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(path, text);
    return path;
  };

  test('one that lost its function is told so', async () => {
    const verdict = await gradeFile(first, fileOf('empty', 'export const tanh = 1;'));
    expect(verdict).toEqual({ status: 'wrong', feedback: 'the file exports no tanhPullBack' });
  });

  test('one that cannot be read is told the line', async () => {
    // A process of its own: the test runner reads modules in another way.
    const path = fileOf('broken', 'export function tanhPullBack(g) {\n  return g.mul(;\n}\n');
    const script = `import { exercises, gradeFile } from './exercises/grade/exercises.js';
      console.log((await gradeFile(exercises[0], ${JSON.stringify(path)})).feedback);`;
    const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', script]);
    expect(stdout).toMatch(/^the file does not load, line 2 \(SyntaxError: /);
  });

  test('one that throws while it loads is told what it threw', async () => {
    const { status, feedback } = await gradeFile(first, fileOf('throws', "throw new RangeError('far out');"));
    expect([status, feedback]).toEqual(['wrong', 'the file does not load (RangeError: far out)']);
  });
});

describe('answers that do not end, or end too much', () => {
  const path = (name: string, code: string): string => {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, code);
    return file;
  };

  test('a loop without an end is stopped, and the next answer is graded', async () => {
    const endless = `export function unbroadcast(g, shape) {
      while (g.shape.length > shape.length) g = g.sum({ axis: 0, keepDims: true });
      return g;
    }`;
    const jobs = [
      { index: 1, path: path('endless', endless) },
      { index: 0, path: path('ends', 'export const tanhPullBack = () => process.exit(0);') },
      { index: 2, path: path('other', 'export const softmaxPullBack = (g) => g;') },
    ];
    const said: string[] = [];
    for await (const { status, feedback } of gradeInTime(jobs, 2)) {
      expect(status).toBe('wrong');
      said.push(feedback);
    }
    expect(said).toEqual([
      expect.stringContaining('your code does not end: it was stopped after 2 seconds'),
      expect.stringContaining('your code ends the program before it can be graded'),
      'the gradient does not pass softmax unchanged',
    ]);
  });
});

describe('a line that was left', () => {
  const [first] = exercises as [Exercise];
  const belowThrow = 'remove that line';

  test('above an answer is named; above nothing it is a gap', () => {
    const left = new Function("throw new Error('write me'); // the gap\n return 1;");
    expect(grade(first, left)).toEqual({ status: 'blank', feedback: expect.stringContaining(belowThrow) });
    const begun = new Function("const y = 1;\n throw new Error('write me');\n // return y;\n");
    expect(grade(first, begun)).toEqual({ status: 'blank', feedback: '' });
  });
});

describe('an operation that is half written', () => {
  const exercise = exercises[5]!;
  const solution = async (changes: object): Promise<Verdict> => {
    const answers = (await load(join('exercises/solutions', exercise.file))) as {
      readonly huberOp: { readonly rule: Contragrad.Rule<readonly [Contragrad.Tensor], { readonly delta: number }> };
    };
    return grade(exercise, contragrad.defineOp({ ...answers.huberOp.rule, ...changes }));
  };
  const gap = (): never => {
    throw new Error('write me');
  };

  test('is told what is right so far', async () => {
    expect(await solution({})).toEqual({ status: 'passed', feedback: '' });
    expect(await solution({ forward: gap })).toEqual({ status: 'blank', feedback: '' });
    const slope = await solution({ pullBack: [gap] });
    expect(slope).toEqual({ status: 'blank', feedback: 'the value is right; the pull-back is still to be written' });
    const words = await solution({ localDerivative: ['write me'] });
    expect([words.status, words.feedback]).toEqual(['blank', expect.stringContaining('localDerivative')]);
  });
});

describe.concurrent('the command', () => {
  test('is what npm runs', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { exercises: string } };
    expect(scripts.exercises).toBe('node exercises/grade/main.js');
  });

  test('all solutions pass: status 0', async () => {
    const { status, output } = await command('--solutions');
    expect(output.match(/ passed$/gm)).toHaveLength(6);
    expect(output).toContain('6 of 6 pass.');
    expect(status).toBe(0);
  });

  test('the solutions are graded without the -- before the option too', async () => {
    const env = { ...process.env, FORCE_COLOR: '0' };
    const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'exercises', '--solutions'], { env });
    expect(stdout).toContain('6 of 6 pass.');
  });

  test('gaps are blank, and one can be asked for: status 1', async () => {
    const { status, output } = await command('3');
    expect(output, filledIn(exercises[2]!)).toMatch(/^3 {2}softmax's pull-back +still blank$/m);
    expect(output).toContain('Write it in exercises/03-softmax.js;\n   docs/exercises/softmax.md has hints.');
    expect(output).toContain('0 of 1 passes.');
    expect(status).toBe(1);
  });

  test.each([['7'], ['tanh'], ['--solution']])('%s is refused: status 2', async (argument) => {
    const { status, output } = await command(argument);
    expect(output).toContain('usage: npm run exercises');
    expect(status).toBe(2);
  });
});
