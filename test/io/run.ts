/** @file A training run with everything in it that a checkpoint must bring back. */
import { compile, dropout, Generator, infoNCELoss, nn, optim, randn, type Tensor, tensor } from '../../src/index.js';
import { type CheckpointNotes, type CheckpointParts, loadCheckpoint, saveCheckpoint } from '../../src/io/index.js';

/** The rows that every run learns. */
const ROWS = 40;
const SIZE = 6;
const BATCH = 8;

/** How a run trains. */
export interface RunOptions {
  readonly optimizer: 'Adam' | 'AdamW' | 'SGD';
  readonly compiled: boolean;
}

/** One run: weights, running statistics, optimizer, schedule, generators and the place in the data. */
export class Run {
  readonly model: nn.Sequential;
  readonly optimizer: optim.Optimizer;
  readonly schedule: optim.Schedule;
  readonly generators: { readonly order: Generator; readonly noise: Generator };
  readonly #step: (a: Tensor) => Tensor;
  readonly #rows = Float32Array.from({ length: ROWS * SIZE }, (_, i) => Math.sin(i * i));
  #order: number[] = [];
  /** How many steps have been made. */
  steps = 0;

  /** @param seed - Of the first weights only: a checkpoint replaces them. */
  constructor({ optimizer, compiled }: RunOptions, seed: number) {
    this.generators = { order: new Generator(seed + 1), noise: new Generator(seed + 2) };
    const { noise } = this.generators;
    this.model = nn.fromConfig(
      [
        { type: 'Linear', outFeatures: 16 },
        { type: 'BatchNorm1d' },
        { type: 'ReLU' },
        { type: 'Dropout', p: 0.2 },
        { type: 'Linear', outFeatures: 4 },
      ],
      { input: [SIZE], generator: noise },
    );
    this.optimizer = new optim[optimizer](this.model.parameters(), {
      lr: 0.01,
      ...(optimizer === 'SGD' && { momentum: 0.9 }),
    });
    this.schedule = new optim.CosineAnnealingLR(this.optimizer, { tMax: 50, warmUp: 5 });
    const step = (a: Tensor): Tensor => {
      // Draws from a generator of its own, and from the default one.
      const view = (): Tensor => a.add(randn(a.shape, { generator: noise }).mul(0.1));
      const loss = infoNCELoss(this.model.forward(view()), dropout(this.model.forward(view()), { p: 0.1 }));
      this.optimizer.zeroGrad();
      loss.backward();
      optim.clipGradNorm(this.optimizer.parameters, 1);
      this.optimizer.step();
      return loss;
    };
    this.#step = compiled ? compile(step) : step;
  }

  /** Trains until `steps` steps have been made; returns their losses. */
  train(steps: number): number[] {
    const losses: number[] = [];
    for (; this.steps < steps; this.steps++) {
      const at = (this.steps * BATCH) % ROWS;
      if (at === 0) this.#order = this.generators.order.permutation(ROWS);
      const rows = this.#order
        .slice(at, at + BATCH)
        .flatMap((row) => [...this.#rows.subarray(row * SIZE, (row + 1) * SIZE)]);
      losses.push(this.#step(tensor(rows, { shape: [BATCH, SIZE] })).item());
      this.schedule.step();
    }
    return losses;
  }

  /** What a checkpoint holds. */
  get parts(): CheckpointParts {
    const { model, optimizer, schedule, generators } = this;
    return { model, optimizer, schedule, generators };
  }

  /** Saves a checkpoint. */
  async save(path: string): Promise<void> {
    const position = { steps: this.steps, order: this.#order };
    await saveCheckpoint(path, { ...this.parts, position, extra: { best: 0.5 } });
  }

  /** Goes on from a checkpoint. */
  async load(path: string): Promise<Required<CheckpointNotes>> {
    const notes = await loadCheckpoint(path, this.parts);
    const { steps, order } = notes.position as { steps: number; order: number[] };
    this.steps = steps;
    this.#order = order;
    return notes;
  }

  /** Every number that it holds, as text. */
  get state(): string {
    const numbers = Object.entries({ ...this.model.stateDict(), ...this.optimizer.stateDict() }).map(
      ([name, value]) => `${name} ${Buffer.from(value.dataSync().buffer).toString('hex')}`,
    );
    const { order, noise } = this.generators;
    return [...numbers, JSON.stringify([order.state, noise.state, this.schedule.stateDict(), this.steps])].join('\n');
  }
}
