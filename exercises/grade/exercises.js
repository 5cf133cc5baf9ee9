/** @file The six exercises, and how an answer is read from its file. */
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { check as checkCustomOp } from './custom-op.js';
import { check as checkInfoNCE } from './infonce.js';
import { check as checkSoftmax } from './softmax.js';
import { check as checkTanh } from './tanh.js';
import { check as checkTriplet } from './triplet.js';
import { check as checkUnbroadcasting } from './unbroadcasting.js';
import { describe, grade } from './verdict.js';

/** In their order: `name` is what the file exports, `page` the name of the page in docs/exercises. */
export const exercises = [
  { file: '01-tanh.js', title: "tanh's pull-back", name: 'tanhPullBack', page: 'tanh', check: checkTanh },
  {
    file: '02-unbroadcasting.js',
    title: 'un-broadcasting',
    name: 'unbroadcast',
    page: 'unbroadcasting',
    check: checkUnbroadcasting,
  },
  {
    file: '03-softmax.js',
    title: "softmax's pull-back",
    name: 'softmaxPullBack',
    page: 'softmax',
    check: checkSoftmax,
  },
  { file: '04-triplet.js', title: 'the triplet loss', name: 'triplet', page: 'triplet', check: checkTriplet },
  { file: '05-infonce.js', title: 'InfoNCE with log-sum-exp', name: 'infoNCE', page: 'infonce', check: checkInfoNCE },
  {
    file: '06-custom-op.js',
    title: 'an operation of your own',
    name: 'huberOp',
    page: 'custom-op',
    check: checkCustomOp,
  },
];

/** Grades the answer in a file: see {@link grade}. */
export async function gradeFile(exercise, path) {
  let answers;
  try {
    answers = await import(pathToFileURL(path).href);
  } catch (error) {
    return { status: 'wrong', feedback: `the file does not load${placeIn(error, path)} (${describe(error)})` };
  }
  const answer = answers[exercise.name];
  if (answer === undefined) return { status: 'wrong', feedback: `the file exports no ${exercise.name}` };
  return grade(exercise, answer);
}

/** In which line the text of a module is broken: Node tells so on its error output only. */
function placeIn(error, path) {
  if (!(error instanceof SyntaxError)) return '';
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' });
  const line = /:(\d+)$/m.exec(stderr.split('\n')[0]);
  return line === null ? '' : `, line ${line[1]}`;
}
