/** @file The folder of a run: what is in it, and whether a new run may go there. */
import { access, appendFile, constants, mkdir, readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ArgumentError, DataError } from '../index.js';
import { parseRunConfig, type RunConfig, serializeRunConfig, writeFileAtomically } from '../io/index.js';

/** Where runs go that are not told where: each replaces the last. */
export const LATEST = 'runs/latest';

/** One line of `metrics.jsonl`: an epoch. */
export interface EpochLine {
  readonly epoch: number;
  /** How many steps were done. */
  readonly step: number;
  /** The mean over the steps of this epoch. */
  readonly loss: number;
  /** On validation rows; null where they give no batch. */
  readonly validationLoss?: number | null;
  /** 3-NN accuracy of validation rows. */
  readonly validationAccuracy?: number | null;
  /** The learning rate of the next step. */
  readonly lr: number;
  /** How long training had taken. */
  readonly seconds: number;
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

/** The folder of a run. */
export class RunFolder {
  readonly path: string;
  /** The first folder of the path that was not there before. */
  #made: string | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** A file in it: `model.safetensors`, `checkpoint.safetensors`, `metrics.jsonl`, `config.json`, `report.html`. */
  file(name: string): string {
    return join(this.path, name);
  }

  /**
   * Makes the folder where it is missing.
   *
   * @throws `DataError` when it cannot be written to.
   */
  async make(): Promise<void> {
    try {
      this.#made ??= await mkdir(this.path, { recursive: true });
      await access(this.path, constants.W_OK);
    } catch (error) {
      throw new DataError('--out', `cannot write to ${this.path} (${codeOf(error)})`);
    }
  }

  /** Removes the folders that it made, as far as nothing is in them. */
  async removeEmpty(): Promise<void> {
    if (this.#made === undefined) return;
    const last = resolve(this.#made);
    try {
      for (let at = resolve(this.path); ; at = dirname(at)) {
        await rmdir(at);
        if (at === last) return;
      }
    } catch {
      // Something is in it.
    }
  }

  /** Whether a run is there, or folders of runs that differ by their seeds. */
  async isUsed(): Promise<boolean> {
    const names = await readdir(this.path).catch(() => []);
    return names.some((name) => name === 'config.json' || name === 'model.safetensors' || /^seed-\d+$/.test(name));
  }

  /**
   * Refuses a folder that holds a run already; the default folder is for the latest run and never refused.
   *
   * @throws `ArgumentError` that says how to go on.
   */
  async claim({
    force = false,
    resume = false,
  }: {
    readonly force?: boolean;
    readonly resume?: boolean;
  }): Promise<void> {
    await this.make();
    if (resume || force || this.path === LATEST || !(await this.isUsed())) return;
    throw new ArgumentError(
      '--out',
      `${this.path} holds a run already`,
      'pass --resume to go on with it, --force to replace it, or another folder',
    );
  }

  /** Whether a file is there. */
  async has(name: string): Promise<boolean> {
    return access(this.file(name)).then(
      () => true,
      () => false,
    );
  }

  /** @throws `DataError` when it cannot be written. */
  async write(name: string, content: string | Uint8Array): Promise<void> {
    await writeFileAtomically(this.file(name), content);
  }

  /** Removes a file where there is one. */
  async remove(name: string): Promise<void> {
    await rm(this.file(name), { force: true });
  }

  /** @throws `DataError` when there is none, or it is none. */
  async config(): Promise<RunConfig> {
    const path = this.file('config.json');
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      throw new DataError(path, `cannot be read (${codeOf(error)})`, 'is it the folder of a run?');
    }
    return parseRunConfig(text, path);
  }

  /** Writes `config.json`. */
  async writeConfig(config: RunConfig): Promise<void> {
    await this.write('config.json', serializeRunConfig(config));
  }

  /** Adds a line to `metrics.jsonl`: in one piece, so that it is there or not. */
  async append(line: EpochLine): Promise<void> {
    await appendFile(this.file('metrics.jsonl'), `${JSON.stringify(line)}\n`);
  }

  /** The lines of `metrics.jsonl` up to a step; later ones, and a broken one at the end, are removed. */
  async keepLines(step: number): Promise<EpochLine[]> {
    const lines = (await this.lines()).filter((line) => line.step <= step);
    await this.write('metrics.jsonl', lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return lines;
  }

  /** The lines of `metrics.jsonl`; what is no line of it is left out. */
  async lines(): Promise<EpochLine[]> {
    const text = await readFile(this.file('metrics.jsonl'), 'utf8').catch(() => '');
    return text.split('\n').flatMap((row) => {
      try {
        const line = JSON.parse(row) as EpochLine | null;
        return typeof line?.epoch === 'number' && typeof line.step === 'number' ? [line] : [];
      } catch {
        return [];
      }
    });
  }
}
