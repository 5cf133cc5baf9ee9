/** @file Programs at the edges of what a plan fits: each needs a line of the recorder that no other program needs. */
import * as cg from '../../../src/index.js';
import { nn, type Tensor } from '../../../src/index.js';
import type { Program, Sight } from '../run-program.js';

export const edges: Program[] = [
  {
    name: 'texts are made of what stands between two texts',
    run: ({ leaf, wrap }) => {
      const step = wrap((...given: unknown[]) => leaf(1).div(given.length));
      return [step('a; string b'), step('a', 'b'), step('a; string b')];
    },
  },
  {
    name: 'functions of one text are arguments',
    run: ({ leaf, wrap }) => {
      const times = (k: number) => (x: Tensor) => x.mul(k);
      const [double, triple] = [times(2), times(3)];
      const step = wrap((x: Tensor, f: (x: Tensor) => Tensor) => f(x));
      return [double, triple, double].map((f) => step(leaf([1, 2]), f));
    },
  },
  {
    name: 'an array and an object with its indices as names are arguments',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, given: readonly unknown[] | Record<string, unknown>) =>
        x.mul(Array.isArray(given) ? 2 : 3),
      );
      const [list, object] = [[leaf(1), 'a'], { 0: leaf(1), 1: 'a' }];
      return [list, object, list, [], {}, []].map((given) => step(leaf(5), given));
    },
  },
  {
    name: 'a list of numbers is passed, or nothing, or another kind of list',
    run: ({ leaf, wrap, options }) => {
      const step = wrap((x: Tensor, list?: readonly number[] | Float32Array | null) =>
        list ? x.add(cg.tensor(list, options)) : x,
      );
      const x = leaf([1, 2]);
      return [step(x, [1, 2]), step(x, undefined), step(x, [3, 4]), step(x, null), step(x, Float32Array.of(5, 6))];
    },
  },
  {
    name: 'a gradient is bound to new numbers in the step, by way of its parameter',
    refuses: /^assign: a tensor made inside the step is bound to new numbers/,
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      w.grad = leaf([5, 6]);
      return [wrap((x: Tensor) => void w.grad!.assign(x))(leaf([3, 4])), w.grad];
    },
  },
  {
    name: 'a gradient that comes with a graph is read in the step',
    refuses: /^grad: what comes from before the step is computed by /,
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      w.grad = w.square();
      return [wrap((x: Tensor) => w.grad!.mul(x))(leaf([3, 4]))];
    },
  },
  {
    name: 'an argument that is bound to new numbers is the gradient of a parameter, or not',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      w.grad = leaf([5, 6]);
      const step = wrap((x: Tensor, y: Tensor) => {
        x.assign(x.mul(2));
        return w.grad!.mul(y);
      });
      const y = leaf([3, 4]);
      return [leaf([1, 1]), w.grad, leaf([2, 2]), w.grad].flatMap((x): Sight[] => [step(x, y), w.grad]);
    },
  },
  {
    name: 'a tensor that the step only binds is passed later',
    run: ({ leaf, wrap }) => {
      const u = leaf([1, 2]);
      const step = wrap((x: Tensor) => {
        u.assign(x.mul(2));
        return x.mul(3);
      });
      return [leaf([3, 4]), u, leaf([5, 6]), u].flatMap((x): Sight[] => [step(x), u.detach()]);
    },
  },
  {
    name: 'a leaf that is bound before it is used is made trainable, or not',
    run: ({ leaf, wrap }) => {
      const u = leaf([1, 2]);
      const step = wrap((x: Tensor) => {
        u.assign(x);
        const y = u.mul(2).sum();
        if (y.requiresGrad) y.backward();
        return y;
      });
      return [false, true, false].flatMap((isTrained, i): Sight[] => {
        u.requiresGrad = isTrained;
        u.grad = null;
        return [step(leaf([i, 4])), u.detach(), u.grad];
      });
    },
  },
  {
    name: 'a parameter of which the step only reads the gradient is passed later',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const step = wrap((x: Tensor) => {
        x.grad = null;
        return [w.grad, x.mul(2)] as Sight[];
      });
      return [leaf([3, 4], true), w, leaf([5, 6], true), w].flatMap((x): Sight[] => {
        w.grad = leaf([7, 8]);
        return [step(x), w.grad];
      });
    },
  },
  {
    name: 'the gradient of a parameter becomes one that the step binds',
    run: ({ leaf, wrap }) => {
      const [w, u] = [leaf([1, 2], true), leaf([3, 4])];
      const step = wrap((x: Tensor) => {
        u.assign(x);
        return w.grad!.mul(2);
      });
      return [leaf([5, 6]), u, leaf([7, 8]), u].flatMap((gradient, i): Sight[] => {
        w.grad = gradient;
        return [step(leaf([i, 9])), u.detach()];
      });
    },
  },
  {
    name: 'a leaf that is made in the step has a gradient',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor) => {
        const p = x.detach();
        p.requiresGrad = true;
        p.square().sum().backward();
        p.mul(3).sum().backward();
        return p.grad!.mul(2);
      });
      return [1, 2, 3].map((i) => step(leaf([i, 4])));
    },
  },
  {
    name: 'a field that was not there is set, and a parameter joins those that the step sums',
    run: ({ leaf, wrap }) => {
      class Open extends nn.Module {
        declare extra?: Tensor;
        override forward(x: Tensor): Tensor {
          return this.extra === undefined ? x : x.add(this.extra);
        }
      }
      const [one, two] = [new Open(), new Open()];
      Object.assign(two, { first: leaf([1, 2], true) });
      const forward = wrap((x: Tensor) => one.forward(x));
      const total = wrap((x: Tensor) => two.parameters().reduce((sum, p) => sum.add(p), x));
      const sights = (): Sight[] => [forward(leaf([1, 2])), total(leaf([3, 4]))];
      const before = sights();
      one.extra = leaf([5, 6]);
      Object.assign(two, { second: leaf([7, 8], true) });
      return [...before, ...sights()];
    },
  },
  {
    name: 'buffers, views, holes and circles in fields are looked at',
    run: ({ leaf, wrap }) => {
      class Raw extends nn.Module {
        readonly buffer = Uint8Array.of(1, 2).buffer;
        readonly view = new DataView(Uint8Array.of(3, 4).buffer);
        readonly list: unknown[] = [1, 2];
        readonly circle: { self?: object; n: number } = { n: 5 };
        override forward(x: Tensor): Tensor {
          const bytes = new Uint8Array(this.buffer)[0]! + this.view.getUint8(0);
          return x.mul(bytes).add(this.list.length + this.circle.n);
        }
      }
      const raw = new Raw();
      raw.circle.self = raw.circle;
      const step = wrap((x: Tensor) => raw.forward(x));
      const changes = [
        () => {},
        () => new Uint8Array(raw.buffer).fill(7),
        () => raw.view.setUint8(0, 9),
        () => Object.assign(raw.list, { length: 3 }),
        () => Object.assign(raw.circle, { n: 6 }),
      ];
      return changes.map((change) => {
        change();
        return step(leaf([1, 2]));
      });
    },
  },
  {
    name: 'a gradient that is held is bound to new numbers in the step, then read by its parameter',
    run: ({ leaf, wrap }) => {
      const w = leaf([1, 2], true);
      const held = leaf([5, 6]);
      w.grad = held;
      const step = wrap((x: Tensor) => {
        held.assign(x.mul(2));
        return w.grad!.mul(3);
      });
      return [1, 2].flatMap((i): Sight[] => [step(leaf([i, 4])), w.grad, held]);
    },
  },
  {
    name: 'an argument refers to itself',
    run: ({ leaf, wrap }) => {
      interface Ring {
        x: Tensor;
        next?: Ring;
      }
      const step = wrap((ring: Ring) => ring.next!.next!.x.mul(2));
      return [1, 2].map((i) => {
        const ring: Ring = { x: leaf([i, 3]) };
        ring.next = ring;
        return step(ring);
      });
    },
  },
  {
    name: 'an argument is a parameter, or not',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor) => (x instanceof nn.Parameter ? x.mul(2) : x.mul(3)));
      const given = [new nn.Parameter(leaf([1, 2])), leaf([3, 4], true), new nn.Parameter(leaf([5, 6]))];
      return given.map((x) => step(x));
    },
  },
  {
    name: 'an array that is passed twice is looked at by its second name',
    run: ({ leaf, wrap }) => {
      const step = wrap((x: Tensor, _: readonly number[], list: readonly number[]) => x.mul(list[0]!));
      return [2, 5, 2].map((n) => {
        const list = [n];
        return step(leaf([1, 2]), list, list);
      });
    },
  },
  {
    name: 'an empty list is filled by the step',
    run: ({ leaf, wrap }) => {
      const list: number[] = [];
      const step = wrap((x: Tensor, log: number[]) => {
        log.push(x.size);
        return x.mul(2);
      });
      // From the second call on it is a list of numbers, into which no replay writes.
      return [step(leaf([1, 2]), list), list.length];
    },
  },
  {
    name: 'a step sets a mode that it does not read',
    run: ({ leaf, wrap }) => {
      const layer = new nn.ReLU();
      const step = wrap((x: Tensor) => {
        layer.training = true;
        return x.mul(2);
      });
      return [true, false, true, false].flatMap((training): Sight[] => {
        layer.training = training;
        return [step(leaf([1, 2])), layer.training];
      });
    },
  },
];
