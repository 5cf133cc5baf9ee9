/** @file A verdict as it is printed. */
import chalk from 'chalk';

const WIDTH = 72;

/** The verdict on one exercise, in a line, and what to do about it below. */
export function report(number, { title, page }, path, { status, feedback }) {
  const head = `${number}  ${title.padEnd(26)}`;
  if (status === 'passed') return `${head}${chalk.green('passed')}`;
  if (status === 'blank') {
    const more = feedback === '' ? '' : `\n${indented(feedback)}`;
    return `${head}${chalk.yellow('still blank')}${more}\n${indented(`Write it in ${path};\ndocs/exercises/${page}.md has hints.`)}`;
  }
  return `${head}${chalk.red('wrong')}\n${indented(feedback)}\n${indented(`In ${path};\ndocs/exercises/${page}.md has hints.`)}`;
}

/** A text in lines of no more than {@link WIDTH} characters, each moved in. */
function indented(text) {
  const lines = text.split('\n').flatMap((paragraph) => {
    const broken = [''];
    for (const word of paragraph.split(' ')) {
      const last = broken.at(-1);
      if (last !== '' && last.length + 1 + word.length > WIDTH) broken.push(word);
      else broken[broken.length - 1] = last === '' ? word : `${last} ${word}`;
    }
    return broken;
  });
  return lines.map((line) => `   ${line}`).join('\n');
}
