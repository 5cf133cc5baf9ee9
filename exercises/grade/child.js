/** @file Grades one answer after the other in a process of its own, which can be ended when an answer does not end by itself. */
import { exercises, gradeFile } from './exercises.js';

const send = (message) => new Promise((sent) => process.send(message, sent));

process.on('message', async ({ index, path }) => {
  await send({ started: true });
  await send({ verdict: await gradeFile(exercises[index], path) });
});
