/** @file Modules are a graph: what is shared is one, and what lies in a container is found. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import * as c from '../../src/index.js';
import { loadCheckpoint, saveCheckpoint } from '../../src/io/index.js';

const { nn, optim } = c;
type Tensor = c.Tensor;

const folder = mkdtempSync(join(tmpdir(), 'contragrad-modules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = (module: c.nn.Module): string => [...module.namedParameters()].map(([name]) => name).join(' ');
const keys = (module: c.nn.Module): string => Object.keys(module.stateDict()).join(' ');
const generator = (seed = 1): c.Generator => new c.Generator(seed);
const linear = (seed = 1): c.nn.Linear => new nn.Linear(2, 2, { generator: generator(seed) });

/** The base of the modules here. */
abstract class Same extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x;
  }
}

describe('a shared layer', () => {
  test('is one: parameters once, PyTorch’s names in the state', () => {
    const l = linear();
    const siamese = new nn.Sequential(l, new nn.ReLU(), l);
    expect(siamese.parameters()).toEqual([l.weight, l.bias]);
    expect(names(siamese)).toBe('0.weight 0.bias');
    expect(keys(siamese)).toBe('0.weight 0.bias 2.weight 2.bias');
    expect(siamese.modules()).toHaveLength(3);
    expect(nn.layerTable(siamese, [2]).rows.map(({ name, parameters }) => [name, parameters])).toEqual([
      ['0', 6],
      ['1', 0],
      ['2', 0],
    ]);
  });

  test('is updated once, decays once and clips once, by every optimizer', () => {
    for (const make of [
      (p: readonly Tensor[]) => new optim.SGD(p, { lr: 0.1, momentum: 0.9, weightDecay: 0.5 }),
      (p: readonly Tensor[]) => new optim.Adam(p, { lr: 0.1, weightDecay: 0.5 }),
      (p: readonly Tensor[]) => new optim.AdamW(p, { lr: 0.1, weightDecay: 0.5 }),
    ]) {
      const [shared, single] = [linear(), linear()];
      const pairs = [
        [shared, make([...new nn.Sequential(shared, shared).parameters(), shared.weight, shared.bias!])],
        [single, make([single.weight, single.bias!])],
      ] as const;
      for (const [layer, optimizer] of pairs) {
        for (let i = 0; i < 3; i++) {
          optimizer.zeroGrad();
          layer
            .forward(layer.forward(c.ones([1, 2])))
            .sum()
            .backward();
          optim.clipGradValue([layer.weight, layer.weight, layer.bias!], 0.5);
          optimizer.step();
        }
      }
      expect(shared.weight.toArray()).toEqual(single.weight.toArray());
    }
    const w = c.tensor([1], { requiresGrad: true });
    w.mul(10).sum().backward();
    expect(optim.clipGradNorm([w, w], 100).item()).toBe(10);
    expect(optim.clipGradNorm([w, w], 1).item()).toBe(10);
    expect(w.grad!.item()).toBeCloseTo(1, 6);
  });

  test('loads where its names agree, and is refused where they do not', () => {
    const tied = (): c.nn.Sequential => {
      const l = linear(2);
      return new nn.Sequential(l, l);
    };
    const [a, b] = [linear(3), linear(3)];
    const model = tied();
    model.loadStateDict(new nn.Sequential(a, b).stateDict());
    expect(model.stateDict()['1.weight']!.toArray()).toEqual(a.weight.toArray());
    const before = model.stateDict()['0.weight']!.toArray();
    expect(() => model.loadStateDict(new nn.Sequential(linear(4), linear(5)).stateDict())).toThrow(
      'loadStateDict: 0.weight and 1.weight are one tensor here, got two values for it',
    );
    const { '1.weight': _, ...rest } = tied().stateDict();
    expect(() => model.loadStateDict(rest)).toThrow('loadStateDict: names differ: missing [1.weight], unknown []');
    expect(model.stateDict()['0.weight']!.toArray()).toEqual(before);
    // NaN is the same value in both places.
    const nan = { '0.weight': c.full([2, 2], Number.NaN), '1.weight': c.full([2, 2], Number.NaN) };
    model.loadStateDict({ ...model.stateDict(), ...nan });
    expect(model.stateDict()['1.weight']!.dataSync().every(Number.isNaN)).toBe(true);
  });
});

describe('what a module holds is found', () => {
  test('in arrays, objects, Maps, Sets and lists', () => {
    class Blocks extends Same {
      readonly blocks = [linear(), linear()];
      readonly heads = { a: linear(), list: [linear()] };
      readonly map = new Map([['k', linear()]]);
      readonly set = new Set([linear()]);
      readonly list = new nn.ModuleList([linear()]);
    }
    const weights = names(new Blocks())
      .split(' ')
      .filter((name) => name.endsWith('weight'));
    expect(weights).toEqual(
      ['blocks.0', 'blocks.1', 'heads.a', 'heads.list.0', 'map.k', 'set.0', 'list.0'].map((name) => `${name}.weight`),
    );
  });

  test('a plain tensor with requiresGrad is a parameter, frozen or not; others are no state', () => {
    class Scaled extends Same {
      readonly scale = c.tensor([1], { requiresGrad: true });
      readonly logits = c.tensor(0.5);
      readonly out = this.scale.mul(2);
    }
    const module = new Scaled();
    expect(names(module)).toBe('scale');
    // Before anybody looked.
    const frozen = new Scaled();
    frozen.scale.requiresGrad = false;
    expect([names(frozen), keys(frozen)]).toEqual(['scale', 'scale']);
    new optim.SGD(frozen.parameters(), { lr: 1 });
  });

  test('what comes later is seen, and what is gone is not', () => {
    class Late extends Same {
      head: c.nn.Linear | null = null;
      readonly blocks: c.nn.Layer[] = [];
    }
    const module = new Late();
    expect(names(module)).toBe('');
    module.head = linear();
    module.blocks.push(linear());
    expect(names(module)).toBe('head.weight head.bias blocks.0.weight blocks.0.bias');
    module.head.weight = new nn.Parameter(c.ones([2, 2]));
    expect(module.parameters()[0]!.toArray()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    module.head = null;
    expect(names(module)).toBe('blocks.0.weight blocks.0.bias');
  });

  test('beside the layers of a Sequential', () => {
    class Headed extends nn.Sequential {
      readonly head = linear();
      readonly temperature = c.tensor(1, { requiresGrad: true });
    }
    expect(names(new Headed(linear()))).toBe('temperature 0.weight 0.bias head.weight head.bias');
  });

  test('a memory bank, so that a resumed run has its negatives', async () => {
    class Moco extends Same {
      readonly bank = c.memoryBank({ size: 4, dim: 2 });
    }
    const [saved, resumed] = [new Moco(), new Moco()];
    saved.bank.push(c.tensor([[1, 2]]));
    expect(keys(saved)).toBe('bank.rows bank.mask bank.pointer');
    expect(saved.parameters()).toEqual([]);
    const path = join(folder, 'bank.safetensors');
    await saveCheckpoint(path, { model: saved });
    await loadCheckpoint(path, { model: resumed });
    for (const { bank } of [saved, resumed]) bank.push(c.tensor([[3, 4]]));
    expect(resumed.bank.rows.toArray()).toEqual([
      [1, 2],
      [3, 4],
      [0, 0],
      [0, 0],
    ]);
    expect(resumed.bank.mask.toArray()).toEqual([1, 1, 0, 0]);
  });

  test('but for what only a closure, a #private field or another class can reach', () => {
    const outside = linear();
    class Hidden extends Same {
      readonly #layer = linear();
      readonly holder = new (class Holder {
        readonly layer = linear();
      })();
      override forward(x: Tensor): Tensor {
        return outside.forward(this.#layer.forward(x));
      }
    }
    expect(names(new Hidden())).toBe('');
    class Shown extends Hidden {
      override *children(): Generator<[string, c.nn.Module]> {
        yield* super.children();
        yield ['outside', outside];
      }
    }
    expect(names(new Shown())).toBe('outside.weight outside.bias');
  });
});

test('the same layer twice in a list of layers as data is two layers; a Residual may have one layer twice', () => {
  const config = { type: 'Linear', outFeatures: 2 } as const;
  expect(nn.fromConfig([config, config], { input: [2] }).parameters()).toHaveLength(4);
  const l = linear();
  const residual = new nn.Residual(l, { projection: l });
  expect([names(residual), keys(residual)]).toEqual([
    'body.weight body.bias',
    'body.weight body.bias projection.weight projection.bias',
  ]);
});

test('a module may refer to one that it is inside of', () => {
  class Child extends Same {
    readonly layer = linear();
    parent: c.nn.Module | null = null;
  }
  const child = new Child();
  const root = new nn.Sequential(child, new nn.Sequential(child));
  child.parent = root;
  expect(root.parameters()).toHaveLength(2);
  expect(keys(root)).toBe('0.layer.weight 0.layer.bias 1.0.layer.weight 1.0.layer.bias');
  root.eval();
  expect([root.training, child.layer.training]).toEqual([false, false]);
  root.loadStateDict(root.stateDict());
  expect(nn.summary(root, [2])).toContain('0.layer');
});

test('a table shows modules inside that take and return what they like', () => {
  class Towers extends nn.Module {
    readonly image = linear();
    override forward(image: Tensor, ids: readonly number[]): [Tensor, number] {
      return [this.image.forward(image), ids.length];
    }
  }
  class Whole extends nn.Module {
    readonly towers = new Towers();
    override forward(x: Tensor): Tensor {
      return this.towers.forward(x, [1, 2])[0];
    }
  }
  expect(nn.layerTable(new Whole(), [2]).rows.map(({ name, output }) => [name, output])).toEqual([
    ['towers', null],
    ['towers.image', [2]],
  ]);
});
