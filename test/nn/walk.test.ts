/** @file Modules are a graph: random ones, shared, tied, in every container and in circles, are walked as a list of edges says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpu, Generator, nn, ones, optim, randn, scope, type Tensor, tensor } from '../../src/index.js';
import { CountingDevice } from '../support/counting-device.js';
import { assertProperty } from '../support/depth.js';

/** How a module may hold another, or a tensor: what it assigns, and the path to it. */
const HOLDERS: Readonly<Record<string, readonly [(value: unknown) => unknown, string]>> = {
  property: [(value) => value, ''],
  array: [(value) => [null, value], '.1'],
  object: [(value) => ({ key: value }), '.key'],
  map: [(value) => new Map<unknown, unknown>([[3, value]]), '.3'],
  set: [(value) => new Set([value]), '.0'],
  nested: [(value) => ({ a: [new Map([['b', value]])] }), '.a.0.b'],
};

/** A module with any edges. */
class Part extends nn.Module {
  readonly weight = new nn.Parameter(randn([2]));
  readonly plain = randn([3], { requiresGrad: true });
  readonly count = new nn.Buffer(randn([1]), 'num_batches');
  readonly constant = randn([2]);

  override forward(x: Tensor): Tensor {
    return x;
  }
}
/** The names of a part's own state. */
const OWN = ['weight', 'plain', 'num_batches'] as const;

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly holder: string;
  /** Whether it leads to the other's weight only. */
  readonly isTie: boolean;
}
interface Graph {
  readonly count: number;
  readonly edges: readonly Edge[];
}

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 5 }).chain((count) => {
  const part = fc.integer({ min: 0, max: count - 1 });
  const edge = fc.record({
    from: part,
    to: part,
    holder: fc.constantFrom(...Object.keys(HOLDERS)),
    isTie: fc.boolean(),
  });
  return fc.record({ count: fc.constant(count), edges: fc.array(edge, { maxLength: 8 }) });
});

/** The parts of a graph; the first is its root. */
function build({ count, edges }: Graph): Part[] {
  const parts = Array.from({ length: count }, () => new Part());
  edges.forEach(({ from, to, holder, isTie }, i) => {
    Object.assign(parts[from]!, { [`edge${i}`]: HOLDERS[holder]![0](isTie ? parts[to]!.weight : parts[to]) });
  });
  return parts;
}

/** The parts that can be reached from the root, and the owners of all weights that can. */
function reached({ edges }: Graph): { parts: Set<number>; weights: Set<number> } {
  const parts = new Set([0]);
  for (const part of parts) for (const { from, to, isTie } of edges) if (from === part && !isTie) parts.add(to);
  const ties = edges.filter(({ from, isTie }) => isTie && parts.has(from)).map(({ to }) => to);
  return { parts, weights: new Set([...parts, ...ties]) };
}

/** Every name of a state, where no part lies inside of itself; null where one does. */
function namesOf({ edges }: Graph, part = 0, around: readonly number[] = []): string[] | null {
  if (around.includes(part)) return null;
  const names: string[] = [...OWN];
  for (const [i, { from, to, holder, isTie }] of edges.entries()) {
    if (from !== part) continue;
    const name = `edge${i}${HOLDERS[holder]![1]}`;
    const inside = isTie ? [''] : namesOf({ count: 0, edges }, to, [...around, part]);
    if (inside === null) return null;
    names.push(...inside.map((inner) => (inner === '' ? name : `${name}.${inner}`)));
  }
  return names;
}

test('each parameter, buffer and module comes once, whatever holds it', () => {
  assertProperty(
    fc.property(graphs, (graph) => {
      const parts = build(graph);
      const { parts: inside, weights } = reached(graph);
      const [root] = parts as [Part];
      const within = parts.filter((_, i) => inside.has(i));
      const wanted = [...parts.filter((_, i) => weights.has(i)).map((p) => p.weight), ...within.map((p) => p.plain)];

      expect(new Set(root.modules())).toEqual(new Set(within));
      expect(root.modules()).toHaveLength(within.length);
      expect(new Set(root.parameters())).toEqual(new Set(wanted));
      expect(root.parameters()).toHaveLength(wanted.length);
      expect(new Set(root.buffers())).toEqual(new Set(within.map(({ count }) => count)));
      expect(root.buffers()).toHaveLength(within.length);
      expect(new Set([...root.namedParameters('at.')].map(([name]) => name)).size).toBe(wanted.length);

      // Frozen, they are what they were.
      for (const parameter of wanted) parameter.requiresGrad = false;
      expect(new Set(root.parameters())).toEqual(new Set(wanted));

      root.eval();
      expect(parts.map(({ training }) => training)).toEqual(parts.map((_, i) => !inside.has(i)));
      root.train();
      expect(parts.every(({ training }) => training)).toBe(true);

      for (const parameter of wanted) parameter.grad = ones(parameter.shape);
      const size = wanted.reduce((sum, parameter) => sum + parameter.size, 0);
      expect(optim.clipGradNorm([...root.parameters(), ...wanted], 1).item()).toBeCloseTo(Math.sqrt(size), 5);
      root.zeroGrad();
      expect(wanted.every(({ grad }) => grad === null)).toBe(true);

      const other = { ...cpu, name: 'cpu:other' };
      root.to(other);
      const moved = [...wanted, ...within.map(({ count }) => count)];
      expect(moved.every(({ device }) => device === other)).toBe(true);
      expect(within.every(({ constant }) => constant.device === cpu)).toBe(true);
    }),
    200,
  );
});

test('a state has every name, and brings a twin to the same numbers', () => {
  assertProperty(
    fc.property(graphs, (graph) => {
      const [[root], [twin]] = [build(graph), build(graph)] as [[Part], [Part]];
      const state = root.stateDict();
      const names = namesOf(graph);
      if (names !== null) expect(Object.keys(state).sort()).toEqual([...names].sort());
      // In a circle, too, nothing is left out.
      const held = new Set(Object.values(state).map(({ storage }) => storage));
      expect(held).toEqual(new Set([...root.parameters(), ...root.buffers()].map(({ storage }) => storage)));

      twin.loadStateDict(state);
      const numbers = (module: Part): unknown =>
        Object.entries(module.stateDict()).map(([name, value]) => [name, value.toArray()]);
      expect(numbers(twin)).toEqual(numbers(root));
      expect(nn.layerTable(root, [2]).parameters).toBe(root.parameters().reduce((sum, { size }) => sum + size, 0));
    }),
    200,
  );
});

test('modules that all refer to each other are walked at once; their state, with more names than atoms, is refused', () => {
  const parts = build({
    count: 12,
    edges: Array.from({ length: 144 }, (_, i) => ({
      from: i % 12,
      to: Math.floor(i / 12),
      holder: 'array',
      isTie: false,
    })),
  });
  expect(parts[0]!.eval().modules()).toHaveLength(12);
  expect(parts.some(({ training }) => training)).toBe(false);
  expect(parts[0]!.parameters()).toHaveLength(24);
  const message =
    'Module: modules that refer to each other have more than 16384 names; refer to them by #private fields';
  expect(() => parts[0]!.stateDict()).toThrow(message);
  expect(() => nn.summary(parts[0]!, [2])).toThrow(message);
});

test('a state has as many names as said, and no more; modules without shared ones are not counted', () => {
  class Node extends nn.Module {
    readonly list = Array.from({ length: 2 ** 14 }, () => new nn.ReLU());
    override forward(x: Tensor): Tensor {
      return x;
    }
  }
  const node = new Node();
  expect(node.modules()).toHaveLength(2 ** 14 + 1);
  expect(() => node.stateDict()).toThrow('more than 16384 names');
  node.list.pop();
  expect(node.stateDict()).toEqual({});
});

test('what looks like a buffer or a parameter is none; a buffer with a gradient stays one', () => {
  const circle: unknown[] = [];
  class Decoy extends Part {
    readonly isTrainable = true;
    readonly settings = { key: 'x', inner: new Part() };
    readonly circle = circle;
    readonly other = new Part();
  }
  const decoy = new Decoy();
  Object.assign(decoy.other, { key: 'y', isTrainable: true });
  circle.push(circle, [circle], null, new Part());
  decoy.count.requiresGrad = true;
  expect(decoy.buffers()).toHaveLength(4);
  expect(decoy.parameters()).toHaveLength(8);
  const names = ['', 'settings.inner.', 'circle.3.', 'other.'].flatMap((path) => OWN.map((name) => `${path}${name}`));
  expect(Object.keys(decoy.stateDict()).sort()).toEqual(names.sort());
  expect(nn.layerTable(decoy, [2]).parameters).toBe(4 * (2 + 3));
});

test('a tied weight takes one value for all its names', () => {
  const module = new nn.ModuleList([new Part(), new Part()]);
  Object.assign(module.at(1)!, { weight: (module.at(0) as Part).weight });
  const state = module.stateDict();
  const [same, other] = [tensor([1, 2]), tensor([1, 3])];
  expect(() => module.loadStateDict({ ...state, '0.weight': same, '1.weight': other })).toThrow(
    'loadStateDict: 0.weight and 1.weight are one tensor here, got two values for it',
  );
  module.loadStateDict({ ...state, '0.weight': same, '1.weight': tensor([1, 2], { requiresGrad: true }) });
  expect((module.at(1) as Part).weight.toArray()).toEqual([1, 2]);
});

test('a buffer lives as long as its module, whatever scope it was made in', () => {
  const device = new CountingDevice();
  const made: nn.Buffer[] = [];
  scope(() => void made.push(new nn.Buffer(tensor([1, 2], { device }))));
  expect(made[0]!.toArray()).toEqual([1, 2]);
  expect(device.held).toBe(1);
});

test('a module in training keeps its own train, called once for each way to it', () => {
  /** Never trains its normalisation. */
  class Frozen extends Part {
    readonly norm = new nn.BatchNorm1d(2);
    readonly parents: nn.Module[] = [];
    override train(training = true): this {
      super.train(training);
      this.norm.eval();
      return this;
    }
  }
  const frozen = new Frozen();
  const root = new nn.Sequential(new nn.Sequential(frozen), frozen);
  frozen.parents.push(root);
  root.eval().train();
  expect(root.modules().map(({ training }) => training)).toEqual([true, true, true, false]);
  frozen.norm.train();
  expect(frozen.norm.training).toBe(true);
});

test('a switch that throws leaves the next one as it should be', () => {
  class Broken extends Part {
    isBroken = true;
    override train(training = true): this {
      if (this.isBroken) throw new Error('broken');
      return super.train(training);
    }
  }
  const broken = new Broken();
  const root = new nn.Sequential(new Part(), broken);
  expect(() => root.eval()).toThrow('broken');
  broken.isBroken = false;
  expect(
    root
      .eval()
      .modules()
      .map(({ training }) => training),
  ).toEqual([false, false, false]);
});

test('two tensors of one name are refused: a file would keep one of them', () => {
  const key = {};
  class Keyed extends Part {
    readonly cache = new Map([
      [key, new Part()],
      [{}, new Part()],
    ]);
  }
  const message = 'two tensors have the name cache.[object Object].weight';
  expect(() => new Keyed().stateDict()).toThrow(`stateDict: ${message}`);
  expect(() => new Keyed().loadStateDict({})).toThrow(`loadStateDict: ${message}`);
  expect(new Keyed().parameters()).toHaveLength(6);
});

test('a list of modules goes as arrays do, and says where forward is', () => {
  const generator = new Generator(1);
  const [a, b] = [new nn.Linear(2, 2, { generator }), new nn.Linear(2, 3, { generator })];
  const list = new nn.ModuleList([a]).append(b);
  expect([list.length, list.at(-1), [...list]]).toEqual([2, b, [a, b]]);
  expect(Object.keys(list.stateDict())).toEqual(['0.weight', '0.bias', '1.weight', '1.bias']);
  expect(() => list.forward()).toThrow('ModuleList: has no forward of its own; call those of its modules');
  expect(new nn.Sequential(a, ...new nn.Sequential(b)).at(1)).toBe(b);
});
