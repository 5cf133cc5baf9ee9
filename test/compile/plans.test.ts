/** @file When a step is written down anew, what its plan says, and how it fails. */
import { describe, expect, test } from 'vitest';
import { describe as describePlan } from '../../src/compile/plan.js';
import { StepRecorder } from '../../src/compile/recorder.js';
import { gpu } from '../../src/devices/gpu/index.js';
import * as cg from '../../src/index.js';
import { compile, nn, type Tensor, tensor } from '../../src/index.js';
import { CountingDevice } from '../support/counting-device.js';

const f64 = { dtype: 'float64' } as const;

test('a plan in words', () => {
  const step = compile((x: Tensor) => x.mul(x).exp().add(x));
  step(tensor([1], f64));
  expect(String(step.plan)).toBe('plan of 3 kernels on the generic executor\n  kernels    zip x 2, map x 1');
  const constants = [
    { dtype: 'float32', size: 2 },
    { dtype: 'int32', size: 1 },
  ] as const;
  expect(describePlan({ executor: 'wasm', kernels: ['zip', 'map', 'zip'], bytes: 64, constants })).toBe(
    'plan of 3 kernels on the wasm executor, 64 bytes\n  kernels    zip x 2, map x 1\n  constants  float32[2], int32[1]',
  );
});

test('what the step holds moves to another device, and back', () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const step = compile(() => w.mul(2));
  for (const device of [cg.cpu, { ...cg.cpu, name: 'other' }, cg.cpu]) {
    w.assign(w.detach().to(device));
    expect(step().device.name).toBe(device.name);
  }
});

test('a gradient is where the step computed it', () => {
  const device = { ...cg.cpu, name: 'other' };
  const w = tensor([1, 2], { requiresGrad: true });
  const step = compile((x: Tensor) => {
    w.grad = x.mul(2);
  });
  for (let i = 0; i < 2; i++) {
    step(tensor([3, 4], { device }));
    expect(w.grad!.device.name).toBe('other');
    w.grad = null;
  }
});

test('what is bound twice in a step is as it was when a replay fails on the way', () => {
  const u = tensor([5]);
  const z = tensor([[1, 2]]);
  const step = compile((x: Tensor) => {
    u.assign(x.add(1));
    const labels = cg.cast(u, 'int32');
    u.assign(u.mul(3));
    return cg.contrastiveLoss(z, z.mul(2), labels);
  });
  for (const x of [0, -1, 0]) {
    step(tensor([x]));
    expect(u.toArray()).toEqual([3 * (x + 1)]);
  }
  expect(() => step(tensor([6]))).toThrow('labels must be 0 or 1, got 7');
  expect(u.toArray()).toEqual([3]);
});

test('numbers of unknown origin are refused', () => {
  const recorder = new StepRecorder([], new Set());
  const storage = cg.cpu.upload(Float32Array.of(1));
  const call = { kernel: 'map', inputs: [storage], spec: { op: 'neg', size: 1 } } as const;
  expect(() => recorder.ran(cg.cpu, call, storage)).toThrow('map: an input of unknown origin');
});

test('a call like one before is written down no more, whatever its arguments are', () => {
  let runs = 0;
  const step = compile((x: Tensor, _: unknown) => {
    runs++;
    return x.mul(2);
  });
  class Options {
    readonly size = 1;
  }
  const f = (): void => {};
  const kinds: [unknown, unknown][] = [
    [new Options(), null],
    [f, null],
    [[1], [2]],
    [
      [1, tensor(2)],
      [1, tensor(3)],
    ],
    [Int32Array.of(1), Int32Array.of(2)],
    [{ a: [tensor(1)] }, { a: [tensor(2)] }],
    [[], []],
    [new Map(), null],
  ];
  for (const [i, [first, second]] of kinds.entries()) {
    for (const value of [first, second ?? first, first]) expect(step(tensor(3), value).item()).toBe(6);
    expect([i, runs]).toEqual([i, i + 1]);
  }
});

test('a step whose surroundings are as they were is written down no more', () => {
  const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });
  class Scaled extends nn.Module {
    scale = 2;
    last: Tensor | null = null;
    get options(): { scale: number } {
      return { scale: this.scale };
    }
    readonly settings = { list: [1, 2], map: new Map([['a', Float32Array.of(1)]]) };
    override forward(x: Tensor): Tensor {
      const { list, map } = this.settings;
      return x.mul(this.scale).add(list[1]! + map.get('a')![0]!);
    }
  }
  const kinds: Readonly<
    Record<string, () => [step: (...args: Tensor[]) => unknown, args: Tensor[], change?: () => void]>
  > = {
    'a tensor that the step holds': () => {
      const w = leaf([1, 2]);
      return [(x) => x!.mul(w), [w]];
    },
    'a parameter': () => [(x) => x!.mul(2), [new nn.Parameter(tensor([1, 2]))]],
    'two views of one tensor': () => {
      const x = tensor([1, 2]);
      return [(p, q) => p!.mul(q!), [x, x.detach()]];
    },
    'a gradient that grows': () => {
      const w = leaf([1, 2]);
      return [(x) => w.mul(x!).sum().backward(), [tensor([3, 4])]];
    },
    'a gradient that is read': () => {
      const w = leaf([1, 2]);
      w.grad = tensor([1, 1]);
      return [() => w.grad!.mul(2), []];
    },
    'no gradient': () => {
      const w = leaf([1, 2]);
      return [() => w.grad, []];
    },
    'two parameters with one gradient': () => {
      const [w, v] = [leaf([1, 2]), leaf([3, 4])];
      w.grad = v.grad = tensor([1, 1]);
      return [() => w.grad!.mul(v.grad!), []];
    },
    'fields of a module': () => {
      const module = new Scaled();
      return [(x) => module.forward(x!), [tensor([1, 2])]];
    },
    'a field of another module': () => {
      const [module, other] = [new Scaled(), new Scaled()];
      return [(x) => module.forward(x!), [tensor([1, 2])], () => other.scale++];
    },
    'a field that the step sets': () => {
      const module = new Scaled();
      const step = (x?: Tensor): Tensor => {
        module.last = x!.mul(2);
        return module.last.mul(3);
      };
      return [step, [tensor([1, 2])], () => Object.assign(module, { last: null })];
    },
    'a field that is not read, of a module in a field': () => {
      const [module, child] = [new Scaled(), new Scaled()];
      Object.assign(module, { child });
      const step = (x?: Tensor): Tensor => (module as unknown as { child: Scaled }).child.forward(x!);
      return [step, [tensor([1, 2])], () => Object.assign(child, { last: tensor([1]) })];
    },
    'a module that is made in the step': () => {
      let made: Scaled | undefined;
      const step = (x?: Tensor): Tensor => {
        made = new Scaled();
        return made.forward(x!);
      };
      return [step, [tensor([1, 2])], () => Object.assign(made!, { scale: 5 })];
    },
    'what a getter makes anew': () => {
      const [module, other] = [new Scaled(), new Scaled()];
      return [(x) => x!.mul(module.options.scale), [tensor([1, 2])], () => other.scale++];
    },
    'an argument that is made trainable': () => [
      (x) => {
        x!.requiresGrad = true;
        x!.sum().backward();
      },
      [tensor([1, 2])],
    ],
  };
  for (const [name, make] of Object.entries(kinds)) {
    const [run, args, change] = make();
    let runs = 0;
    const step = compile((...given: Tensor[]) => {
      runs++;
      return run(...given);
    });
    for (let i = 0; i < 3; i++) step(...args);
    const before = runs;
    for (let i = 0; i < 3; i++) {
      change?.();
      step(...args);
    }
    expect([name, runs]).toEqual([name, before]);
    expect(step.plan, name).not.toBeNull();
  }
});

test('numbers that only go into a tensor, and how many they are, are no part of a plan; nor is an object after its call', () => {
  let runs = 0;
  const step = compile((list: number[] | Float32Array, _: { mode: string }) => {
    runs++;
    return tensor(list, f64)
      .mul(list.length)
      .add([...list.keys()].length)
      .sum();
  });
  const first = { mode: 'a' };
  expect(step([1, 2], first).item()).toBe(10);
  first.mode = 'b';
  expect(step([3, 4], { mode: 'a' }).item()).toBe(18);
  expect(runs).toBe(1);
  const typed = compile((list: Float32Array) => {
    runs++;
    return tensor(list).mul(list.length).mul(list.constructor.name.length).sum();
  });
  expect([typed(Float32Array.of(1, 2)).item(), typed(Float32Array.of(3, 4)).item()]).toEqual([72, 168]);
  expect(runs).toBe(2);
});

test('a tensor that was freed is no argument, the first time and later', () => {
  const device = new CountingDevice();
  const step = compile((x: Tensor) => x.mul(2));
  const freed = (): Tensor => {
    const made: Tensor[] = [];
    cg.scope(() => void made.push(tensor([1], { device })));
    return made[0]!;
  };
  expect(() => step(freed())).toThrow(/^compile: this tensor was freed/);
  expect(step(tensor([3], { device })).item()).toBe(6);
  expect(() => step(freed())).toThrow(/^compile: this tensor was freed/);
});

describe('a leaf that is bound in the step was taken to another device in between', () => {
  test.each([
    ['and is used after', true],
    ['and is not used', false],
  ])('%s', async (_, isUsed) => {
    const device = await gpu({ mode: 'cpu' });
    for (const isCompiled of [false, true]) {
      const w = tensor([1, 2]);
      const run = (x: Tensor): Tensor => {
        w.assign(x.mul(2));
        return isUsed ? w.add(x) : x.sum();
      };
      const step = isCompiled ? compile(run) : run;
      for (const numbers of [
        [1, 1],
        [1, 2],
      ]) {
        step(tensor(numbers));
      }
      w.assign(tensor([5, 6], { device }));
      step(tensor([3, 4]));
      expect([w.device.name, w.toArray()]).toEqual(['cpu', [6, 8]]);
    }
    expect(device.memory().handles).toBe(0);
    await device.destroy();
  });
});
