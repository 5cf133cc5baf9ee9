/** @file Modules that share, tie and list what they are made of: PyTorch's names, norms and updates. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile, nn, ones, optim, type Tensor, tensor } from '../../src/index.js';

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}
interface Golden {
  readonly x: number[][];
  readonly cases: Readonly<
    Record<
      string,
      {
        readonly parameters: string[];
        readonly before: Readonly<Record<string, Numbers>>;
        readonly norms: number[];
        readonly after: Readonly<Record<string, Numbers>>;
      }
    >
  >;
}
const golden = JSON.parse(readFileSync('test/golden/modules.json', 'utf8')) as Golden;

type DType = 'float32' | 'float64';

class Siamese extends nn.Sequential {
  constructor(dtype: DType) {
    const layer = new nn.Linear(3, 3, { dtype });
    super(layer, new nn.Tanh(), layer);
  }
}

class Tied extends nn.Module {
  readonly encoder: nn.Linear;
  readonly decoder: nn.Linear;

  constructor(dtype: DType) {
    super();
    this.encoder = new nn.Linear(3, 3, { dtype });
    this.decoder = new nn.Linear(3, 3, { dtype });
    this.decoder.weight = this.encoder.weight;
  }

  override forward(x: Tensor): Tensor {
    return this.decoder.forward(this.encoder.forward(x).tanh());
  }
}

class Towers extends nn.Module {
  readonly scales: Tensor[];
  readonly blocks: nn.ModuleList;
  readonly heads: ReadonlyMap<string, nn.Layer>;

  constructor(dtype: DType) {
    super();
    const layers = [1, 2, 3].map(() => new nn.Linear(3, 3, { dtype }));
    this.scales = [[3], []].map((shape) => ones(shape, { dtype, requiresGrad: true }));
    this.blocks = new nn.ModuleList(layers.slice(0, 2));
    const shared = new nn.Sequential(layers[2]!);
    this.heads = new Map([
      ['left', shared],
      ['right', shared],
    ]);
  }

  override forward(x: Tensor): Tensor {
    const y = [...this.blocks].reduce((value, block) => block.forward(value).tanh(), x);
    const head = (name: string, value: Tensor): Tensor => this.heads.get(name)!.forward(value);
    return head('left', y).mul(this.scales[0]!).add(head('right', y.square()).mul(this.scales[1]!));
  }
}

const kinds = { Siamese, Tied, Towers };

describe.each(Object.keys(kinds) as (keyof typeof kinds)[])('%s', (kind) => {
  const { parameters, before, norms, after } = golden.cases[kind]!;

  test.each([
    ['float64', 'eager', 1e-12],
    ['float64', 'compiled', 1e-12],
    ['float32', 'compiled', 1e-5],
  ] as const)('has PyTorch’s names and trains to its numbers, in %s, %s', (dtype, how, tolerance) => {
    const close = (actual: number, wanted: number): void =>
      expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(wanted)));
    const model = new kinds[kind](dtype);
    expect([...model.namedParameters()].map(([name]) => name)).toEqual(parameters);
    expect(Object.keys(model.stateDict())).toEqual(Object.keys(before));
    model.loadStateDict(
      Object.fromEntries(
        Object.entries(before).map(([name, { data, shape }]) => [name, tensor(data, { shape, dtype: 'float64' })]),
      ),
    );
    const optimizer = new optim.AdamW(model.parameters(), { lr: 0.05, weightDecay: 0.3 });
    const step = (x: Tensor): Tensor => {
      const loss = model.forward(x).sub(x).square().mean();
      model.zeroGrad();
      loss.backward();
      const norm = optim.clipGradNorm(model.parameters(), 0.5);
      optimizer.step();
      return norm;
    };
    const run = how === 'compiled' ? compile(step) : step;
    for (const norm of norms) close(run(tensor(golden.x, { dtype })).item(), norm);
    const state = model.stateDict();
    for (const [name, { data }] of Object.entries(after)) {
      state[name]!.dataSync().forEach((value, i) => {
        close(value, data[i]!);
      });
    }
  });
});
