/** @file Random training programs. What refers to something is drawn as a number first, and then taken from what there is, so that programs shrink. */
import fc from 'fast-check';
import {
  type Given,
  type Happening,
  HELD,
  type Kind,
  type Operand,
  type Part,
  type Program,
  parametersIn,
  type Statement,
  type Step,
  type Term,
  type Trained,
} from './program.js';

const index = fc.nat(119);
const rarely = fc.integer({ min: 0, max: 9 }).map((n) => n === 9);
const sometimes = fc.integer({ min: 0, max: 9 }).map((n) => n > 6);
const often = fc.integer({ min: 0, max: 9 }).map((n) => n < 7);

type Drawn<Raw> = Raw extends fc.Arbitrary<infer Value> ? Value : never;

const part = fc.record({
  kind: fc.constantFrom('layer', 'layer', 'layer', 'transposed', 'norm', 'activation', 'activation'),
  index,
});
const operand = fc.record({ isArgument: often, index });
const term = fc.record({
  kind: fc.constantFrom('match', 'match', 'match', 'infoNCE', 'product', 'shift', 'pick', 'decay', 'noise'),
  x: operand,
  y: operand,
  index,
  other: index,
  flag: fc.boolean(),
});
const phase = fc.record({
  terms: fc.array(term, { minLength: 1, maxLength: 3 }),
  zeroGrad: often,
  clip: rarely,
  throws: sometimes,
  optimizers: fc.subarray([0, 1], { minLength: 1 }),
  average: fc.boolean(),
  from: operand,
});
const step = fc.record({
  takes: fc.array(fc.constantFrom<Kind>('matrix', 'matrix', 'row', 'labels'), { maxLength: 2 }),
  form: fc.constantFrom('list' as const, 'object' as const),
  evaluates: rarely,
  phases: fc.array(phase, { minLength: 1, maxLength: 2 }),
  gives: fc.array(fc.record({ index, gradient: fc.boolean(), first: fc.boolean() }), { maxLength: 2 }),
});
const optimizer = fc.record({
  kind: fc.constantFrom('SGD' as const, 'Adam' as const, 'Adam' as const, 'AdamW' as const),
  lr: fc.constantFrom(0.01, 0.05),
  momentum: fc.constantFrom(0, 0.9),
  nesterov: fc.boolean(),
  weightDecay: fc.constantFrom(0, 0, 0.1),
  encoder: fc.option(index),
  leaves: fc.subarray(Object.keys(HELD).filter((name) => HELD[name]!.trained)),
  schedule: fc.option(fc.constantFrom({ stepSize: 1, gamma: 0.5 }, { stepSize: 2, gamma: 0.7 }, { tMax: 5 }), {
    freq: 2,
  }),
});
const given = fc.record({
  kind: fc.constantFrom('fresh', 'trained', 'leaf', 'leaf', 'leaf', 'twin', 'array', 'array', 'array', 'same'),
  index,
  seed: fc.nat(9999),
});
const call = fc.record({
  do: fc.constant('call' as const),
  index,
  given: fc.array(given, { minLength: 3, maxLength: 3 }),
  eagerly: rarely,
  fails: sometimes,
});
const other = fc.record({
  do: fc.constantFrom(
    ...([
      'freeze',
      'unfreeze',
      'unfreeze',
      'lr',
      'schedule',
      'zeroGrad',
      'step',
      'save',
      'load',
      'assign',
      'replace',
      'momentum',
    ] as const),
    ...(['train', 'eval', 'read'] as const),
  ),
  index,
  other: index,
  seed: fc.nat(9999),
  flag: fc.boolean(),
  lr: fc.constantFrom(0.02, 0.1),
});
const raw = fc.record({
  size: fc.constantFrom(3, 4),
  seed: fc.nat(9999),
  layers: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
  norms: fc.array(fc.constantFrom('batch' as const, 'layer' as const), { maxLength: 1 }),
  encoders: fc.array(fc.array(part, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 2 }),
  frozen: fc.array(index, { minLength: 1, maxLength: 3 }),
  optimizers: fc.array(optimizer, { minLength: 1, maxLength: 2 }),
  steps: fc.array(step, { minLength: 1, maxLength: 2 }),
  happenings: fc.array(fc.oneof({ arbitrary: call, weight: 2 }, other), { minLength: 8, maxLength: 16 }),
  /** When what was frozen first joins. */
  joins: fc.integer({ min: 2, max: 8 }),
});
type Raw = Drawn<typeof raw>;

const pick = <T>(list: readonly T[], at: number): T => list[at % list.length]!;
const ACTIVATIONS = ['Tanh', 'Sigmoid', 'GELU', 'Softplus'] as const;

/** Takes what a drawn program refers to from what it has. */
class Maker {
  readonly #raw: Raw;
  readonly #noise: boolean;
  readonly #base: Pick<Program, 'size' | 'layers' | 'norms' | 'encoders'>;
  /** The tensors that there are, by kind. */
  readonly #leaves: Record<Kind, string[]>;
  /** Those that can be trained, and those that are frozen from the start. */
  readonly #trained: string[];
  readonly #frozen: string[];

  constructor(drawn: Raw, noise: boolean) {
    const { size, layers, norms } = drawn;
    this.#raw = drawn;
    this.#noise = noise;
    const encoders = drawn.encoders.map((parts) =>
      parts.map((one, i) => this.#part(i === 0 ? { ...one, kind: 'layer' } : one)),
    );
    this.#base = { size, layers, norms, encoders };
    const used = parametersIn(this.#base, null);
    const held = (kind: Kind): string[] => Object.keys(HELD).filter((name) => HELD[name]!.kind === kind);
    const parameters = [
      ...layers.flatMap((bias, i) => [`layer${i}.weight`, ...(bias ? [`layer${i}.bias`] : [])]),
      ...norms.flatMap((_, i) => [`norm${i}.weight`, `norm${i}.bias`]),
    ];
    const averages = norms.includes('batch') ? ['norm0.runningMean', 'norm0.runningVariance'] : [];
    this.#leaves = {
      matrix: [...parameters.filter((name) => /^layer.*weight/.test(name)), ...held('matrix')],
      row: [...parameters.filter((name) => !/^layer.*weight/.test(name)), ...averages, ...held('row')],
      labels: held('labels'),
    };
    this.#trained = [...parameters, ...Object.keys(HELD).filter((name) => HELD[name]!.trained)];
    this.#frozen = [...new Set(drawn.frozen.map((at) => pick([...used, ...this.#trained], at)))];
  }

  program(): Program {
    const { seed, optimizers, happenings, joins } = this.#raw;
    const happen = (some: Raw['happenings']): Happening[] =>
      some.flatMap((one) => (one.do === 'call' ? this.#call(one, steps) : this.#other(one)));
    const steps = this.#raw.steps.map((one) => this.#step(one));
    const names = [...this.#trained, ...Object.keys(HELD).filter((name) => !HELD[name]!.trained)];
    return {
      ...this.#base,
      seeds: Object.fromEntries(names.map((name, i) => [name, seed + 101 * i])),
      frozen: this.#frozen,
      optimizers: optimizers.map((one) => this.#optimizer(one)),
      steps,
      happenings: [
        ...happen(happenings.slice(0, joins)),
        { do: 'unfreeze', leaf: this.#frozen[0]! },
        ...happen(happenings.slice(joins)),
      ],
    };
  }

  #part({ kind, index: at }: Drawn<typeof part>): Part {
    const { layers, norms } = this.#raw;
    if (kind === 'layer') return { layer: at % layers.length };
    if (kind === 'transposed') return { transposed: at % layers.length };
    return kind === 'norm' && norms.length > 0 ? { norm: at % norms.length } : { activation: pick(ACTIVATIONS, at) };
  }

  #operand({ isArgument, index: at }: Drawn<typeof operand>, kind: Kind, takes: readonly Kind[]): Operand {
    const own = takes.flatMap((one, i) => (one === kind ? i : []));
    return isArgument && own.length > 0 ? { argument: pick(own, at) } : { leaf: pick(this.#leaves[kind], at) };
  }

  #term({ kind, x, y, index: at, other: second, flag }: Drawn<typeof term>, takes: readonly Kind[]): Term {
    const count = this.#base.encoders.length;
    const encoder = at % count;
    const read = (from: Drawn<typeof operand>, wanted: Kind = 'matrix'): Operand => this.#operand(from, wanted, takes);
    switch (kind) {
      case 'infoNCE':
        return { term: kind, encoders: [encoder, second % count], x: read(x), y: read(y), learned: flag };
      case 'product':
        return { term: kind, x: read(x), y: read(y) };
      case 'shift':
        return { term: kind, x: read(x), row: read(y, 'row') };
      case 'pick':
        return { term: kind, encoder, x: read(x), labels: read(y, 'labels') };
      case 'decay':
        return { term: kind, leaf: pick(this.#trained, at) };
      case 'noise':
        return this.#noise ? { term: kind, x: read(x) } : { term: 'product', x: read(x), y: read(x) };
      default:
        return { term: 'match', encoder, x: read(x), to: read(y) };
    }
  }

  #step({ takes: more, form, evaluates, phases, gives }: Drawn<typeof step>): Step {
    const takes: Kind[] = ['matrix', ...more];
    const there = this.#raw.optimizers.length;
    // Labels that are given are read.
    const labels = { argument: takes.indexOf('labels') };
    const picks: Term[] = labels.argument < 0 ? [] : [{ term: 'pick', encoder: 0, x: { argument: 0 }, labels }];
    const body = phases.flatMap(({ terms, zeroGrad, clip, throws, optimizers, average, from }): Statement[] => {
      const loss: Statement = { do: 'loss', terms: [...terms.map((one) => this.#term(one, takes)), ...picks] };
      if (evaluates) return [loss];
      const steps = [...new Set(optimizers.map((at) => at % there))];
      return [
        loss,
        ...(zeroGrad ? steps.map((at): Statement => ({ do: 'zeroGrad', optimizer: at })) : []),
        { do: 'backward' },
        ...(clip ? [{ do: 'clip', optimizer: steps[0]!, most: 0.1 } as const] : []),
        ...(throws ? [{ do: 'throw' } as const] : []),
        ...steps.map((at): Statement => ({ do: 'step', optimizer: at })),
        ...(average
          ? [{ do: 'average', into: 'a', from: this.#operand(from, 'matrix', takes), share: 0.25 } as const]
          : []),
      ];
    });
    const give = (isFirst: boolean): Statement[] =>
      gives
        .filter(({ first }) => first === isFirst)
        .map(({ index: at, gradient }) => {
          return { do: 'give', what: gradient ? 'gradient' : 'numbers', leaf: pick(this.#leaves.matrix, at) };
        });
    return { takes, form, evaluates, body: [...give(true), ...body, { do: 'throw' }, ...give(false)] };
  }

  #optimizer({
    kind,
    lr,
    momentum,
    nesterov,
    weightDecay,
    encoder,
    leaves,
    schedule,
  }: Drawn<typeof optimizer>): Trained {
    // A large eps, since a gradient that is 0 but for rounding would otherwise move its parameter by the whole rate.
    const own = kind === 'SGD' ? { momentum, nesterov: nesterov && momentum > 0 } : { eps: 0.01 };
    const at = encoder === null ? null : encoder % this.#base.encoders.length;
    return { kind, options: { lr, weightDecay, ...own }, encoder: at, leaves, schedule };
  }

  #call({ index: at, given: drawn, eagerly, fails }: Drawn<typeof call>, steps: readonly Step[]): Happening {
    const { takes } = pick(steps, at);
    const all = takes.map((kind, i): Given => {
      const { kind: from, index: which, seed } = drawn[i]!;
      const earlier = takes.indexOf(kind);
      if (from === 'same' && earlier < i) return { same: earlier };
      if (from === 'array') return { array: seed };
      if (from === 'trained' && kind !== 'labels') return { trained: seed };
      if (from === 'leaf') return { leaf: pick(this.#leaves[kind], which) };
      return from === 'twin' ? { twin: pick(this.#leaves[kind], which) } : { fresh: seed };
    });
    // The step reads its first labels.
    const labels = takes.indexOf('labels');
    const isNew = labels >= 0 && ('fresh' in all[labels]! || 'array' in all[labels]!);
    const fault = fails ? (isNew ? labels : 'throw') : null;
    return { do: 'call', step: at % steps.length, given: all, eagerly: eagerly && !fails, fails: fault };
  }

  #other({ do: what, index: at, other: second, seed, flag, lr }: Drawn<typeof other>): Happening[] {
    const own = at % this.#raw.optimizers.length;
    const isScheduled = this.#raw.optimizers[own]!.schedule !== null;
    switch (what) {
      case 'freeze':
      case 'unfreeze':
        return [{ do: what, leaf: pick(what === 'unfreeze' ? this.#frozen : this.#trained, at) }];
      case 'lr':
        // A schedule sets the rate itself.
        return isScheduled ? [] : [{ do: what, optimizer: own, value: lr }];
      case 'schedule':
        return isScheduled ? [{ do: what, optimizer: own }] : [];
      case 'zeroGrad':
      case 'step':
        return [{ do: what, optimizer: own }];
      case 'save':
      case 'load':
        return [{ do: what, what: flag ? 'model' : 'optimizers' }];
      case 'assign': {
        const from = flag ? { fresh: seed } : { leaf: pick(this.#leaves.matrix, second) };
        return [{ do: what, leaf: pick(this.#leaves.matrix, at), from }];
      }
      case 'replace':
        return [{ do: what, layer: at % this.#raw.layers.length, fresh: seed }];
      case 'momentum':
        return this.#raw.norms[0] === 'batch' ? [{ do: what, norm: 0, value: flag ? 0.3 : 0.5 }] : [];
      default:
        return [{ do: what }];
    }
  }
}

/** Programs; with `noise`, they draw random numbers. */
export const programs = ({ noise = true }: { readonly noise?: boolean } = {}): fc.Arbitrary<Program> =>
  raw.map((drawn) => new Maker(drawn, noise).program());
