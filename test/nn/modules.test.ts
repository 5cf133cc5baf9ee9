/** @file What layers do beyond their formula: state, modes, replays, tables, and what they refuse. */
import { describe, expect, test } from 'vitest';
import { compile, cpu, Generator, nn, ones, optim, randn, type Tensor, tensor, zeros } from '../../src/index.js';

const image = (n: number, generator = new Generator(1)): Tensor => randn([n, 1, 8, 8], { generator });

/** A small convolutional encoder with every kind of state. */
function encoder(seed = 5): nn.Sequential {
  const generator = new Generator(seed);
  return new nn.Sequential(
    new nn.Conv2d(1, 4, { kernelSize: 3, padding: 1, generator }),
    new nn.BatchNorm2d(4),
    new nn.ReLU(),
    new nn.MaxPool2d({ kernelSize: 2 }),
    new nn.Residual(
      new nn.Sequential(new nn.Conv2d(4, 4, { kernelSize: 3, padding: 1, generator }), new nn.BatchNorm2d(4)),
    ),
    new nn.GlobalAvgPool2d(),
    new nn.Dropout({ p: 0.25, generator }),
    new nn.Linear(4, 3, { generator }),
  );
}

const numbersOf = (module: nn.Module): unknown =>
  Object.fromEntries(Object.entries(module.stateDict()).map(([name, value]) => [name, value.toArray()]));

describe('state', () => {
  test('holds parameters and buffers under PyTorch’s names, in its order', () => {
    expect(Object.keys(encoder().stateDict())).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
      ...['0.weight', '0.bias', '1.weight', '1.bias', '1.running_mean', '1.running_var', '1.num_batches_tracked'].map(
        (name) => `4.body.${name}`,
      ),
      '7.weight',
      '7.bias',
    ]);
    expect([...encoder().namedBuffers()].map(([name]) => name)).toHaveLength(6);
    expect(encoder().parameters()).toHaveLength(10);
  });

  test('moves running averages to a twin, which then evaluates alike', () => {
    const [a, b] = [encoder(), encoder(6)];
    for (let i = 0; i < 3; i++) a.forward(image(6));
    b.loadStateDict(a.stateDict());
    expect(b.eval().forward(image(2)).toArray()).toEqual(a.eval().forward(image(2)).toArray());
    expect(b.stateDict()['1.num_batches_tracked']!.item()).toBe(3);
  });

  test('takes a count that came as a float', () => {
    const [a, b] = [new nn.BatchNorm1d(2), new nn.BatchNorm1d(2)];
    b.loadStateDict({ ...a.stateDict(), num_batches_tracked: tensor(7) });
    expect(b.batches.dtype).toBe('int32');
    expect(b.batches.item()).toBe(7);
  });

  test('goes along to a device, buffers too', () => {
    const other = { ...cpu, name: 'cpu:other' };
    const module = encoder().to(other);
    for (const [, leaf] of [...module.namedParameters(), ...module.namedBuffers()]) expect(leaf.device).toBe(other);
  });

  test('buffers are no parameters: nothing optimizes them', () => {
    const { runningMean } = new nn.BatchNorm1d(2);
    expect(runningMean.requiresGrad).toBe(false);
    expect(() => new optim.SGD([runningMean], { lr: 1 })).toThrow('SGD: parameters must be leaves with requiresGrad');
  });

  test('a buffer of a user’s own module has the name of its property, or its key', () => {
    class Counter extends nn.Module {
      readonly plain = new nn.Buffer(zeros([1]));
      readonly named = new nn.Buffer(ones([2]), 'by_key');
      forward(x: Tensor): Tensor {
        return x;
      }
    }
    expect(Object.keys(new nn.Sequential(new Counter()).stateDict())).toEqual(['0.plain', '0.by_key']);
  });
});

describe('batch normalisation', () => {
  test('keeps averages as its formula says', () => {
    const layer = new nn.BatchNorm1d(1, { momentum: 0.25 });
    layer.forward(tensor([[1], [3], [8]]));
    // Mean 4; variance (9 + 1 + 16) / 2 = 13, divided by n - 1.
    expect(layer.runningMean.item()).toBeCloseTo(0.25 * 4, 6);
    expect(layer.runningVariance.item()).toBeCloseTo(0.75 + 0.25 * 13, 6);
    layer.eval().forward(tensor([[100]]));
    expect([layer.runningMean.item(), layer.batches.item()]).toEqual([1, 1]);
  });

  test('averages move whether or not gradients are recorded, and carry none', () => {
    const layer = new nn.BatchNorm1d(2);
    const x = randn([4, 2], { requiresGrad: true });
    layer.forward(x).sum().backward();
    expect(layer.runningMean.requiresGrad).toBe(false);
    expect(layer.runningMean.node).toBeNull();
  });

  test('training on a single value is an error, evaluating it is none', () => {
    const layer = new nn.BatchNorm1d(2);
    expect(() => layer.forward(ones([1, 2]))).toThrow(
      'BatchNorm1d: needs more than one value per channel when training, got shape [1, 2]; use a larger batch, or eval()',
    );
    expect(layer.batches.item()).toBe(0);
    expect(layer.eval().forward(ones([1, 2])).shape).toEqual([1, 2]);
    expect(new nn.BatchNorm2d(1).forward(ones([1, 1, 2, 1])).shape).toEqual([1, 1, 2, 1]);
  });
});

describe('eager and compiled', () => {
  const training = (module: nn.Module): ((x: Tensor) => Tensor) => {
    // Not Adam: what has no gradient but by rounding, as a bias before a normalisation, would walk at random.
    const optimizer = new optim.SGD(module.parameters(), { lr: 0.05, momentum: 0.9 });
    return (x) => {
      const loss = module.forward(x).square().mean();
      optimizer.zeroGrad();
      loss.backward();
      optim.clipGradNorm(module.parameters(), 0.5);
      optimizer.step();
      return loss;
    };
  };

  test('a convolutional encoder trains to the same numbers, averages and dropout included', () => {
    const [eager, replayed] = [encoder(), encoder()];
    const [step, compiled] = [training(eager), compile(training(replayed))];
    const pool = new Generator(8);
    for (let i = 0; i < 12; i++) {
      const x = image(6, pool);
      const [wanted, actual] = [step(x).item(), compiled(x).item()];
      expect(Math.abs(actual - wanted)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(wanted)));
    }
    expect(compiled.plan!.executor).toBe('wasm');
    const [wanted, actual] = [eager.stateDict(), replayed.stateDict()];
    for (const [name, value] of Object.entries(wanted)) {
      const theirs = actual[name]!.dataSync();
      value.dataSync().forEach((v, i) => {
        expect(Math.abs(theirs[i]! - v)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(v)));
      });
    }
    expect(actual['1.num_batches_tracked']!.item()).toBe(12);
  });

  test('a switch to evaluation is another plan, with the averages as training left them', () => {
    const layer = new nn.BatchNorm1d(2);
    const step = compile((x: Tensor) => layer.forward(x));
    const x = tensor([
      [1, 5],
      [3, -5],
    ]);
    for (let i = 0; i < 4; i++) step(x);
    layer.eval();
    const evaluated = step(x).toArray();
    expect(evaluated).toEqual(layer.forward(x).toArray());
    expect(layer.batches.item()).toBe(4);
    layer.train();
    expect(step(x).toArray()).not.toEqual(evaluated);
    expect(layer.batches.item()).toBe(5);
  });

  test('dropout makes the same choices by the same seed, others at each call, and none in evaluation', () => {
    const make = (): nn.Dropout => new nn.Dropout({ p: 0.5, generator: new Generator(4) });
    const [eager, replayed] = [make(), make()];
    const compiled = compile((x: Tensor) => replayed.forward(x));
    const x = ones([50]);
    const choices = [0, 1, 2].map(() => {
      const wanted = eager.forward(x).toArray();
      expect(compiled(x).toArray()).toEqual(wanted);
      return JSON.stringify(wanted);
    });
    expect(new Set(choices).size).toBe(3);
    expect(new Set(eager.forward(x).dataSync())).toEqual(new Set([0, 2]));
    expect(eager.eval().forward(x)).toBe(x);
    replayed.eval();
    expect(compiled(x).toArray()).toEqual(x.toArray());
  });
});

describe('the first weights', () => {
  test('of a convolution are uniform in ±1/√(in · kh · kw), as in PyTorch', () => {
    const { weight, bias } = new nn.Conv2d(4, 200, { kernelSize: 5, generator: new Generator(3) });
    expect([weight.shape, bias!.shape]).toEqual([[200, 4, 5, 5], [200]]);
    for (const list of [weight.dataSync(), bias!.dataSync()]) {
      expect(Math.max(...list)).toBeLessThan(0.1);
      expect(Math.min(...list)).toBeGreaterThanOrEqual(-0.1);
      expect(Math.max(...list) - Math.min(...list)).toBeGreaterThan(0.19);
    }
    expect(new nn.Conv2d(1, 1, { kernelSize: 2, bias: false }).bias).toBeNull();
  });

  test('of normalisations are 1 and 0', () => {
    for (const layer of [new nn.BatchNorm1d(2), new nn.BatchNorm2d(2), new nn.LayerNorm([2])]) {
      expect([layer.weight.toArray(), layer.bias.toArray()]).toEqual([
        [1, 1],
        [0, 0],
      ]);
    }
  });
});

describe('the table of a module', () => {
  test('has shapes and parameters of each layer', () => {
    const module = encoder();
    const state = numbersOf(module);
    module.layers[1]!.eval();
    expect(nn.summary(module, [1, 8, 8])).toBe(
      [
        'layer     type             output        parameters',
        '---------------------------------------------------',
        'input                      [N, 1, 8, 8]',
        '0         Conv2d           [N, 4, 8, 8]          40',
        '1         BatchNorm2d      [N, 4, 8, 8]           8',
        '2         ReLU             [N, 4, 8, 8]           0',
        '3         MaxPool2d        [N, 4, 4, 4]           0',
        '4         Residual         [N, 4, 4, 4]           0',
        '4.body    Sequential       [N, 4, 4, 4]           0',
        '4.body.0  Conv2d           [N, 4, 4, 4]         148',
        '4.body.1  BatchNorm2d      [N, 4, 4, 4]           8',
        '5         GlobalAvgPool2d  [N, 4]                 0',
        '6         Dropout          [N, 4]                 0',
        '7         Linear           [N, 3]                15',
        '---------------------------------------------------',
        'total                                           219',
      ].join('\n'),
    );
    // The module is as it was: modes, averages, methods.
    expect(module.layers.map(({ training }) => training)).toEqual([true, false, true, true, true, true, true, true]);
    expect(numbersOf(module)).toEqual(state);
    expect(Object.hasOwn(module, 'forward')).toBe(false);
  });

  test('comes as data; a module without parts is its own row, a shared one counts once', () => {
    expect(nn.layerTable(new nn.Linear(3, 1000), [3])).toEqual({
      rows: [{ name: '', type: 'Linear', output: [1000], parameters: 4000 }],
      parameters: 4000,
    });
    expect(nn.summary(new nn.Linear(3, 1000), [3]).split('\n').at(-1)).toMatch(/^total +4,000$/);
    const shared = new nn.Linear(2, 2);
    expect(nn.layerTable(new nn.Sequential(shared, shared), [2]).parameters).toBe(6);
  });

  test('leaves the module as it was when the shape does not fit', () => {
    const module = encoder();
    expect(() => nn.summary(module, [2, 8, 8])).toThrow('Conv2d: needs images [N, 1, H, W], got [1, 2, 8, 8]');
    expect(module.training).toBe(true);
    expect(Object.hasOwn(module.layers[0]!, 'forward')).toBe(false);
  });
});

test.each<[string, () => unknown, string]>([
  [
    'a kernel',
    () => new nn.Conv2d(1, 1, { kernelSize: 0 }),
    'Conv2d: kernelSize must be a whole number or two, 1 or more, got 0',
  ],
  [
    'three sizes',
    () => new nn.Conv2d(1, 1, { kernelSize: [1, 2, 3] as never }),
    'Conv2d: kernelSize must be a whole number or two, 1 or more, got [1, 2, 3]',
  ],
  ['channels', () => new nn.Conv2d(0, 1, { kernelSize: 1 }), 'Conv2d: inChannels must be a whole number, 1 or more'],
  [
    'a padding',
    () => new nn.Conv2d(1, 1, { kernelSize: 1, padding: -1 }),
    'Conv2d: padding must be a whole number or two, 0 or more, got -1',
  ],
  [
    'a large kernel',
    () => new nn.Conv2d(1, 1, { kernelSize: 5, padding: 1 }).forward(ones([1, 1, 2, 9])),
    'Conv2d: windows [5, 5] do not fit into images [4, 11]',
  ],
  [
    'a pool’s padding',
    () => new nn.MaxPool2d({ kernelSize: 3, padding: [1, 2] }),
    'MaxPool2d: padding must be at most half of the kernel, got [1, 2] for [3, 3]',
  ],
  [
    'a pool’s rank',
    () => new nn.MaxPool2d({ kernelSize: 2 }).forward(ones([2, 4])),
    'MaxPool2d: needs images [N, C, H, W], got [2, 4]',
  ],
  [
    'an average’s rank',
    () => new nn.GlobalAvgPool2d().forward(ones([2, 4])),
    'GlobalAvgPool2d: needs images [N, C, H, W], got [2, 4]',
  ],
  [
    'channels of a norm',
    () => new nn.BatchNorm1d(3).forward(ones([2, 4])),
    'BatchNorm1d: needs [N, C] or [N, C, L] with 3 channels, got [2, 4]',
  ],
  [
    'the rank of a norm',
    () => new nn.BatchNorm2d(3).forward(ones([2, 3])),
    'BatchNorm2d: needs [N, C, H, W] with 3 channels, got [2, 3]',
  ],
  ['a momentum', () => new nn.BatchNorm1d(3, { momentum: 2 }), 'BatchNorm1d: momentum must be in [0, 1], got 2'],
  ['no axes', () => new nn.LayerNorm([]), 'LayerNorm: needs at least one axis, got none'],
  [
    'last axes',
    () => new nn.LayerNorm([2, 3]).forward(ones([3, 2])),
    'LayerNorm: the last axes must be [2, 3], got [3, 2]',
  ],
  ['a share', () => new nn.Dropout({ p: 1 }), 'Dropout: p must be in [0, 1), got 1'],
  ['a scalar', () => new nn.Flatten().forward(tensor(1)), 'Flatten: needs [N, …], got a scalar'],
  [
    'two shapes of a sum',
    () => new nn.Residual(new nn.Linear(3, 1)).forward(ones([2, 3])),
    'Residual: both parts must have one shape, got [2, 1] and [2, 3]; give a projection [in residual]',
  ],
])('%s is refused', (_, act, message) => {
  expect(act).toThrow(message);
});

test('layers take no rows, too', () => {
  const none = zeros([0, 1, 4, 4]);
  expect(new nn.Conv2d(1, 3, { kernelSize: 3 }).forward(none).shape).toEqual([0, 3, 2, 2]);
  expect(new nn.MaxPool2d({ kernelSize: 2 }).forward(none).shape).toEqual([0, 1, 2, 2]);
  expect(new nn.GlobalAvgPool2d().forward(none).shape).toEqual([0, 1]);
  expect(new nn.Flatten().forward(none).shape).toEqual([0, 16]);
});
