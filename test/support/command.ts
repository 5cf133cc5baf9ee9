/** @file The command, run from its sources in the test's own process: what it prints, and its exit status. */
import { Readable, Writable } from 'node:stream';
import { context } from '../../src/autograd/context.js';
import { runCommand } from '../../src/cli/command.js';

/** How a command ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** Where a command is called, and what it is given. */
export interface Call {
  /** What comes on stdin. Default: nothing. */
  readonly input?: string;
  /** The folder that relative paths start from. Default: that of the tests. */
  readonly cwd?: string;
  /** Variables that decide about colours. Default: none is set. */
  readonly env?: Readonly<Record<string, string>>;
}

/** In place of the page that a build makes of the report: its data alone. */
const REPORT = '<script type="application/json" id="data">null</script>';

/** A stream that keeps what is written to it. */
class Kept extends Writable {
  readonly #parts: Buffer[] = [];

  override _write(part: Buffer, _encoding: string, done: () => void): void {
    this.#parts.push(part);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#parts).toString();
  }
}

/** What a command must leave as it was. */
const surroundings = (): unknown[] => [
  process.exitCode,
  process.cwd(),
  ...['SIGINT', 'SIGTERM'].map((signal) => process.listenerCount(signal)),
];

/** Runs the command with the words behind its name, as a process would begin: with its first random numbers. One at a time. */
export async function run(words: readonly string[], { input = '', cwd, env = {} }: Call = {}): Promise<Ended> {
  const [stdout, stderr] = [new Kept(), new Kept()];
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  const before = surroundings();
  const [home, { generator }] = [process.cwd(), context()];
  const { state } = generator;
  let status: number;
  try {
    generator.state = { seed: 0, counter: 0 };
    if (cwd !== undefined) process.chdir(cwd);
    status = await runCommand(words, { env, stdin, stdout, stderr, reportTemplate: REPORT });
  } finally {
    process.chdir(home);
    generator.state = state;
  }
  const after = surroundings();
  if (String(after) !== String(before)) throw new Error(`contragrad ${words[0]} left ${after} where ${before} was`);
  return { status, out: stdout.text, err: stderr.text };
}
