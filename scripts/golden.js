/**
 * @file Writes PyTorch's values and gradients into test/golden/: `npm run golden` all of them, `npm run golden -- values` one file.
 *
 * It takes the Python that `PYTHON` names, else that of `.venv`, else `python3`. A file changes only when its script has succeeded.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

const { PYTHON = existsSync('.venv/bin/python') ? '.venv/bin/python' : 'python3' } = process.env;
const FOLDER = 'scripts/golden';

/** Ends with a message. */
function fail(message) {
  console.error(message);
  process.exit(1);
}

/** What a program prints, with `input` given to it. */
function print(program, args, input) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 2 ** 30, encoding: 'utf8' });
  if (status !== 0) fail(`${program} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

const known = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.py'))
  .map((file) => file.slice(0, -3));
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !known.includes(name));
if (unknown !== undefined) fail(`there is no ${FOLDER}/${unknown}.py; the scripts are ${known.join(', ')}`);
if (spawnSync(PYTHON, ['-c', 'import torch']).status !== 0) {
  fail(
    `${PYTHON} has no PyTorch; make one that has it:\n\n  python3 -m venv .venv && .venv/bin/pip install torch numpy\n`,
  );
}
for (const name of asked.length > 0 ? asked : known) {
  // Programs that are drawn in TypeScript come from a script of the same name.
  const drawn = `${FOLDER}/${name}.js`;
  const input = existsSync(drawn) ? print('node', [drawn]) : '';
  writeFileSync(`test/golden/${name}.json`, print(PYTHON, [`${FOLDER}/${name}.py`], input));
  console.log(`test/golden/${name}.json`);
}
