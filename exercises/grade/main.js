/**
 * @file Grades the exercises: `npm run exercises` all of them, `npm run exercises -- 3` one, with `--solutions` the solutions. The
 * exit status is 0 only when all that was asked for passes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE = `usage: npm run exercises                  grades all six
       npm run exercises -- 3             grades the third
       npm run exercises -- --solutions   grades the solutions`;

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Ends with words on how to go on. */
function refuse(message) {
  console.error(message);
  process.exit(2);
}

/** What the command line asks for. */
function asked() {
  const options = {
    solutions: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  };
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(`${error.message}\n${USAGE}`);
  }
}

/** Builds the library where nobody has yet: the exercises import it by its name. */
function buildOnce() {
  if (existsSync(join(root, 'dist/node/index.js'))) return;
  if (!existsSync(join(root, 'node_modules'))) refuse('The tools are not installed yet: run npm ci first.');
  console.log('Building contragrad, once …');
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) refuse('contragrad does not build: run npm ci, then try again.');
}

const { values, positionals } = asked();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
buildOnce();
const { exercises } = await import('./exercises.js');
const { gradeInTime } = await import('./in-time.js');
const { report } = await import('./report.js');

const stranger = positionals.find((text) => !/^0?[1-9]$/.test(text) || Number(text) > exercises.length);
if (stranger !== undefined) refuse(`there are exercises 1 to ${exercises.length}, got ${stranger}\n${USAGE}`);
const numbers = positionals.length > 0 ? [...new Set(positionals.map(Number))] : exercises.map((_, i) => i + 1);

// npm keeps an option for itself that does not stand behind --, and says so here.
const solutions = values.solutions || process.env.npm_config_solutions === 'true';
const jobs = numbers.map((number) => ({
  index: number - 1,
  path: join(root, 'exercises', solutions ? 'solutions' : '', exercises[number - 1].file),
}));
let passed = 0;
let done = 0;
for await (const verdict of gradeInTime(jobs)) {
  const { index, path } = jobs[done++];
  console.log(report(index + 1, exercises[index], relative(root, path), verdict));
  if (verdict.status === 'passed') passed++;
}
console.log(`\n${passed} of ${numbers.length} ${numbers.length === 1 ? 'passes' : 'pass'}.`);
process.exitCode = passed === numbers.length ? 0 : 1;
