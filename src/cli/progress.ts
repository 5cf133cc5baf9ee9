/** @file How far a training is: a bar on a terminal, plain lines elsewhere; on stderr, so that stdout holds results only. */
import { SingleBar } from 'cli-progress';
import { type Shell, tell } from './shell.js';

/** How often there is a line where there is no bar, in milliseconds. */
const LINE_EVERY = 5000;

/** What is told while a training runs. */
export class Progress {
  readonly #shell: Shell;
  readonly #bar: SingleBar | null;
  readonly #silent: boolean;
  readonly #name: string;
  readonly #total: number;
  #start = performance.now();
  #from = 0;
  #told = performance.now();

  /**
   * @param name - What stands in front.
   * @param total - How many steps there will be.
   */
  constructor(name: string, total: number, shell: Shell, { quiet = false }: { readonly quiet?: boolean } = {}) {
    this.#shell = shell;
    this.#name = name;
    this.#total = total;
    this.#silent = quiet;
    this.#bar =
      quiet || !shell.stderr.isTTY
        ? null
        : new SingleBar({
            format: `${name}  {bar} {percentage}% | epoch {epoch} | loss {loss}{figure} | {speed} steps/s | {eta_formatted} left`,
            stream: shell.stderr,
            hideCursor: true,
          });
  }

  /** Training begins, or goes on, at this step. */
  start(step: number): void {
    this.#start = performance.now();
    this.#from = step;
    this.#told = this.#start;
    this.#bar?.start(this.#total, step, { epoch: 0, loss: '-', figure: '', speed: '-' });
  }

  /** A step is done. */
  update(step: number, epoch: number, loss: number, figure = ''): void {
    const now = performance.now();
    const speed = ((1000 * (step - this.#from)) / (now - this.#start)).toFixed(0);
    const told = { epoch, loss: loss.toFixed(4), figure: figure === '' ? '' : ` | ${figure}`, speed };
    if (this.#bar !== null) this.#bar.update(step, told);
    else if (!this.#silent && now - this.#told > LINE_EVERY) {
      this.#told = now;
      const percent = Math.floor((100 * step) / this.#total);
      tell(
        this.#shell,
        `${this.#name}  ${percent} % | epoch ${epoch} | loss ${told.loss}${told.figure} | ${speed} steps/s`,
      );
    }
  }

  /** Training is over, or was stopped. */
  stop(): void {
    this.#bar?.stop();
  }
}
