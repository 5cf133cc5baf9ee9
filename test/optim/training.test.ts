/** @file What surrounds an optimizer: its state, schedules of the learning rate, and bounds for gradients. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  compile,
  cpu,
  Generator,
  nn,
  optim,
  randn,
  ShapeError,
  type Tensor,
  tensor,
} from '../../src/index.js';

interface Golden {
  readonly start: number[][];
  readonly gradients: number[][][];
  readonly clips: readonly {
    readonly function: 'clipGradNorm' | 'clipGradValue';
    readonly bound: number;
    readonly norm: number | null;
    readonly after: number[][][];
  }[];
  readonly schedules: readonly {
    readonly schedule: 'StepLR' | 'CosineAnnealingLR';
    readonly options: { readonly stepSize: number; readonly tMax: number };
    readonly rates: number[];
  }[];
}
const golden = JSON.parse(readFileSync('test/golden/optim.json', 'utf8')) as Golden;

const f64 = { dtype: 'float64' } as const;
const close = (actual: number, wanted: number): void =>
  expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));

type Make = (parameters: readonly Tensor[]) => optim.Optimizer;
const optimizers: [string, string[], Make][] = [
  ['SGD', ['lr'], (p) => new optim.SGD(p, { lr: 0.1 })],
  [
    'SGD with momentum',
    ['lr', 'momentum_buffer.0', 'momentum_buffer.1'],
    (p) => new optim.SGD(p, { lr: 0.1, momentum: 0.9 }),
  ],
  [
    'Adam',
    ['lr', 'step', 'exp_avg.0', 'exp_avg.1', 'exp_avg_sq.0', 'exp_avg_sq.1'],
    (p) => new optim.Adam(p, { lr: 0.1 }),
  ],
  [
    'AdamW',
    ['lr', 'step', 'exp_avg.0', 'exp_avg.1', 'exp_avg_sq.0', 'exp_avg_sq.1'],
    (p) => new optim.AdamW(p, { lr: 0.1, weightDecay: 0.3 }),
  ],
];

describe.each(optimizers)('the state of %s', (_, names, make) => {
  const start = (): { layer: nn.Linear; optimizer: optim.Optimizer; step: (x: Tensor) => Tensor } => {
    const layer = new nn.Linear(3, 2, { generator: new Generator(2) });
    const optimizer = make(layer.parameters());
    const step = (x: Tensor): Tensor => {
      const loss = layer.forward(x).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    };
    return { layer, optimizer, step };
  };
  const batch = (i: number): Tensor => randn([4, 3], { generator: new Generator(100 + i) });

  test('has PyTorch’s names', () => {
    expect(Object.keys(start().optimizer.stateDict())).toEqual(names);
  });

  test.each(['eager', 'compiled'] as const)('makes a new optimizer go on bit for bit, %s', (how) => {
    const [whole, first, second] = [start(), start(), start()];
    const run = ({ step }: ReturnType<typeof start>): ((x: Tensor) => Tensor) =>
      how === 'compiled' ? compile(step) : step;
    const [always, before, after] = [run(whole), run(first), run(second)];
    for (let i = 0; i < 4; i++) before(batch(i));
    first.optimizer.lr = 0.05;
    second.step(batch(9));
    second.layer.loadStateDict(first.layer.stateDict());
    second.optimizer.loadStateDict(first.optimizer.stateDict());
    expect(second.optimizer.lr).toBe(first.optimizer.lr);
    for (let i = 0; i < 8; i++) {
      if (i === 4) whole.optimizer.lr = 0.05;
      always(batch(i));
    }
    for (let i = 4; i < 8; i++) after(batch(i));
    const wanted = [...whole.layer.parameters(), ...Object.values(whole.optimizer.stateDict())];
    const actual = [...second.layer.parameters(), ...Object.values(second.optimizer.stateDict())];
    expect(actual.map((x) => [...x.dataSync()])).toEqual(wanted.map((x) => [...x.dataSync()]));
  });

  test('does not change with later steps; what does not fit changes nothing', () => {
    const { optimizer, step } = start();
    step(batch(0));
    const state = optimizer.stateDict();
    const numbers = (): string => JSON.stringify(Object.values(optimizer.stateDict()).map((x) => x.toArray()));
    const before = numbers();
    expect(() => optimizer.loadStateDict({ ...state, other: tensor(1) })).toThrow(ArgumentError);
    expect(() => optimizer.loadStateDict({ ...state, lr: tensor([1]) })).toThrow(ShapeError);
    const { lr: _lr, ...rest } = state;
    expect(() => optimizer.loadStateDict(rest)).toThrow('loadStateDict: names differ: missing [lr], unknown []');
    expect(numbers()).toBe(before);
    const kept = JSON.stringify(Object.values(state).map((x) => x.toArray()));
    step(batch(1));
    expect(JSON.stringify(Object.values(state).map((x) => x.toArray()))).toBe(kept);
  });
});

test('a state whose device is asynchronous is loaded without reading it', () => {
  const readSync = (): never => {
    throw new Error('read');
  };
  const device = { ...cpu, name: 'later', asynchronous: true, readSync };
  const p = tensor([1, 2], { device, requiresGrad: true });
  const optimizer = new optim.SGD([p], { lr: 0.1 });
  optimizer.loadStateDict({ ...optimizer.stateDict(), lr: tensor(0.5, { device }) });
  expect(() => optimizer.lr).toThrow('read');
  const layer = new nn.Linear(2, 2).to(cpu);
  for (const parameter of layer.parameters())
    parameter.assign(tensor([...parameter.dataSync()], { shape: parameter.shape, device }));
  layer.loadStateDict(layer.stateDict());
});

test('the rate of an optimizer that no step has run with cannot be read in one', () => {
  const p = tensor([1], { requiresGrad: true });
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  expect(() => compile(() => p.mul(optimizer.lr))()).toThrow('item: the value of a leaf cannot be read');
});

describe('clipping', () => {
  test.each(golden.clips.map((row) => [`${row.function} ${row.bound}`, row] as const))(
    '%s follows PyTorch',
    (_, row) => {
      const make = (gradient?: number[][]): Tensor => {
        const p = tensor(golden.start, { ...f64, requiresGrad: true });
        if (gradient) p.grad = tensor(gradient, f64);
        return p;
      };
      const parameters = golden.gradients.slice(0, 3).map(make);
      const without = make();
      const norm = optim[row.function]([...parameters, without], row.bound);
      parameters.forEach((p, i) => {
        [...p.grad!.dataSync()].forEach((v, k) => {
          close(v, row.after[i]!.flat()[k]!);
        });
      });
      expect(without.grad).toBeNull();
      if (row.norm === null) expect(norm).toBeUndefined();
      else close((norm as Tensor).item(), row.norm);
    },
  );

  test('runs in a compiled step, and gives the norm before', () => {
    const run = (): ((x: Tensor) => Tensor[]) => {
      const p = tensor([1, 2], { requiresGrad: true });
      const optimizer = new optim.SGD([p], { lr: 1 });
      return (x) => {
        optimizer.zeroGrad();
        p.mul(x).sum().backward();
        const norm = optim.clipGradNorm([p], 1);
        optim.clipGradValue([p], 0.7);
        optimizer.step();
        return [norm, p.detach()];
      };
    };
    const [eager, compiled] = [run(), compile(run())];
    for (const x of [tensor([3, 4]), tensor([0.1, 0]), tensor([-30, 0])]) {
      const wanted = eager(x).map((t) => [...t.dataSync()]);
      const actual = compiled(x).map((t) => [...t.dataSync()]);
      actual.flat().forEach((v, i) => {
        expect(v).toBeCloseTo(wanted.flat()[i]!, 6);
      });
    }
    expect(eager(tensor([6, 8]))[0]!.item()).toBe(10);
  });

  test('refuses bounds that are none, and parameters without any gradient', () => {
    const p = tensor([1], { requiresGrad: true });
    expect(() => optim.clipGradNorm([p], 0)).toThrow('clipGradNorm: maxNorm must be a positive finite number, got 0');
    expect(() => optim.clipGradValue([p], -1)).toThrow('clipGradValue: value must be a positive finite number, got -1');
    expect(() => optim.clipGradNorm([p], 1)).toThrow(
      'clipGradNorm: no parameter has a gradient; call backward() before it',
    );
  });
});

describe('schedules', () => {
  const holder = (lr = 0.3): optim.HasLearningRate => ({ lr });
  const rates = (schedule: optim.Schedule, of: optim.HasLearningRate, steps: number): number[] =>
    Array.from({ length: steps }, () => {
      const { lr } = of;
      schedule.step();
      return lr;
    });

  test.each(golden.schedules.map((row) => [`${row.schedule} ${JSON.stringify(row.options)}`, row] as const))(
    '%s follows PyTorch',
    (_, row) => {
      const of = holder();
      const found = rates(new optim[row.schedule](of, row.options), of, row.rates.length);
      found.forEach((rate, i) => {
        close(rate, row.rates[i]!);
      });
    },
  );

  test('a warm-up goes up in a line, then the schedule begins', () => {
    const make: [(of: optim.HasLearningRate) => optim.Schedule, (t: number) => number][] = [
      [(of) => new optim.ConstantLR(of, { warmUp: 4 }), () => 0.3],
      [(of) => new optim.StepLR(of, { stepSize: 2, gamma: 0.5, warmUp: 4 }), (t) => 0.3 * 0.5 ** Math.floor(t / 2)],
      [
        (of) => new optim.CosineAnnealingLR(of, { tMax: 6, minimum: 0.1, warmUp: 4 }),
        (t) => 0.1 + 0.1 * (1 + Math.cos((Math.PI * t) / 6)),
      ],
    ];
    for (const [schedule, formula] of make) {
      const of = holder();
      const found = rates(schedule(of), of, 10);
      [0.06, 0.12, 0.18, 0.24].forEach((rate, i) => {
        close(found[i]!, rate);
      });
      found.slice(4).forEach((rate, t) => {
        close(rate, formula(t));
      });
    }
  });

  test('a schedule of one’s own begins where the warm-up ends', () => {
    class Inverse extends optim.Schedule {
      constructor(of: optim.HasLearningRate) {
        super('Inverse', of, { lr: 6, warmUp: 2 });
        this.apply();
      }
      protected override at(t: number, lr: number): number {
        return lr / (t + 3);
      }
    }
    const of = holder();
    expect(rates(new Inverse(of), of, 5)).toEqual([2, 4, 2, 1.5, 1.2]);
  });

  test('a compiled step cannot go on by one', () => {
    const schedule = new optim.ConstantLR(holder());
    expect(() => compile(() => schedule.step())()).toThrow('Schedule.step: a number that changes in JavaScript');
    expect(schedule.stateDict().step).toBe(0);
  });

  test('a state is plain JSON, from which another schedule goes on', () => {
    const [of, later] = [holder(), holder(99)];
    const options = { tMax: 9, warmUp: 2 };
    const schedule = new optim.CosineAnnealingLR(of, options);
    rates(schedule, of, 5);
    const state = JSON.parse(JSON.stringify(schedule.stateDict())) as optim.ScheduleState;
    expect(state).toEqual({ lr: 0.3, step: 5 });
    const other = new optim.CosineAnnealingLR(later, options);
    other.loadStateDict(state);
    expect(later.lr).toBe(of.lr);
    expect(rates(other, later, 6)).toEqual(rates(schedule, of, 6));
  });

  test('sets the rate of a compiled step without another plan', () => {
    const p = tensor([1], { requiresGrad: true });
    const optimizer = new optim.SGD([p], { lr: 1 });
    const schedule = new optim.StepLR(optimizer, { stepSize: 1, gamma: 0.5 });
    let runs = 0;
    const step = compile(() => {
      runs++;
      optimizer.zeroGrad();
      p.sum().backward();
      optimizer.step();
    });
    for (let i = 0; i < 4; i++) {
      step();
      schedule.step();
    }
    // One run is written down before a gradient is there, and one after.
    expect(runs).toBeLessThanOrEqual(2);
    expect(p.item()).toBe(1 - (1 + 0.5 + 0.25 + 0.125));
  });

  test.each<[string, () => unknown, string]>([
    ['a rate', () => new optim.ConstantLR(holder(), { lr: -1 }), 'ConstantLR: lr must be a finite number, 0 or more'],
    [
      'a warm-up',
      () => new optim.ConstantLR(holder(), { warmUp: 0.5 }),
      'ConstantLR: warmUp must be a whole number, 0',
    ],
    ['a step', () => new optim.StepLR(holder(), { stepSize: 0 }), 'StepLR: stepSize must be a whole number, 1 or more'],
    [
      'a factor',
      () => new optim.StepLR(holder(), { stepSize: 1, gamma: 0 }),
      'StepLR: gamma must be a positive finite',
    ],
    [
      'a length',
      () => new optim.CosineAnnealingLR(holder(), { tMax: Number.NaN }),
      'CosineAnnealingLR: tMax must be a whole number, 1 or more, got NaN',
    ],
    [
      'a minimum',
      () => new optim.CosineAnnealingLR(holder(), { tMax: 1, minimum: -1 }),
      'CosineAnnealingLR: minimum must be a finite number, 0 or more, got -1',
    ],
    [
      'a state',
      () => new optim.ConstantLR(holder()).loadStateDict({ lr: '1' } as never),
      'loadStateDict: lr must be a finite number, 0 or more, got "1"',
    ],
    [
      'a state that is none',
      () => new optim.ConstantLR(holder()).loadStateDict(null as never),
      'loadStateDict: options must be a plain object, got null; known are lr, step',
    ],
    [
      'a state without a rate',
      () => new optim.ConstantLR(holder()).loadStateDict({ step: 1 } as never),
      'loadStateDict: lr must be a finite number, 0 or more, got undefined',
    ],
    [
      'a state without steps',
      () => new optim.ConstantLR(holder()).loadStateDict({ lr: 1 } as never),
      'loadStateDict: step must be a whole number, 0 or more, got undefined',
    ],
    [
      'a state with a broken rate',
      () => new optim.ConstantLR(holder()).loadStateDict({ lr: -1, step: 0 }),
      'loadStateDict: lr must be a finite number, 0 or more, got -1',
    ],
    [
      'a broken state',
      () => new optim.ConstantLR(holder()).loadStateDict({ lr: 1, step: -2 }),
      'loadStateDict: step must be a whole number, 0 or more, got -2',
    ],
  ])('%s is refused', (_, act, message) => {
    expect(act).toThrow(message);
  });
});
