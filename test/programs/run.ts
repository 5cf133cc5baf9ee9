/** @file Runs a training program, and tells what came out. */
import * as c from '../../src/index.js';
import { Generator, nn, noGrad, optim, Tensor, tensor } from '../../src/index.js';
import { furthest } from '../../src/testing/index.js';
import {
  draw,
  drawLabels,
  type Given,
  type Happening,
  HELD,
  type Kind,
  type Operand,
  type Part,
  type Program,
  parametersIn,
  type Step,
  type Term,
} from './program.js';
import type { Run, Tools, Trainer } from './tools.js';

/** What was seen, by when and where: the results of each call, and what tensors and gradients hold. */
export type Trace = Map<string, readonly number[] | null>;

/** A linear layer backwards, as in a tied autoencoder. */
class Transposed extends nn.Module {
  readonly of: nn.Linear;

  constructor(of: nn.Linear) {
    super();
    this.of = of;
  }

  override forward(x: Tensor): Tensor {
    return x.matmul(this.of.weight);
  }
}

class Model extends nn.Module {
  readonly encoders: readonly nn.Sequential[];

  constructor(encoders: readonly nn.Sequential[]) {
    super();
    this.encoders = encoders;
  }

  override forward(x: Tensor): Tensor {
    return this.encoders[0]!.forward(x);
  }
}

class Interruption extends Error {}

const numbersOf = (x: Tensor | null): number[] | null => x && [...x.dataSync()];

/** One run of a program. */
class Running {
  readonly #program: Program;
  readonly #tools: Tools;
  /** Layers and normalisations by name. Their tensors are looked up in them: they may get others. */
  readonly #layers = new Map<string, nn.Module>();
  readonly #held = new Map<string, Tensor>();
  readonly #model: Model;
  readonly #trainers: Trainer[];
  /** What each of them trains. */
  readonly #trained: Tensor[][] = [];
  readonly #schedules: (optim.Schedule | null)[];
  readonly #steps: { readonly run: Run; readonly compiled: Run }[];
  readonly #generator = new Generator(7);
  #back: { model: () => void; optimizers: () => void };

  constructor(program: Program, tools: Tools) {
    this.#program = program;
    this.#tools = tools;
    this.#model = this.#build();
    for (const leaf of program.frozen) this.#leaf(leaf).requiresGrad = false;
    this.#trainers = program.optimizers.map((trained) => {
      const module = trained.encoder === null ? this.#model : this.#model.encoders[trained.encoder]!;
      const more = trained.leaves.map((name) => this.#leaf(name));
      const described = parametersIn(program, trained.encoder).map((name) => this.#leaf(name));
      this.#trained.push([...described, ...more]);
      return tools.trainer(trained, [...module.parameters(), ...more], [...described, ...more]);
    });
    this.#schedules = program.optimizers.map(({ schedule }, i) => {
      if (schedule === null) return null;
      const trainer = this.#trainers[i]!;
      return 'tMax' in schedule ? new optim.CosineAnnealingLR(trainer, schedule) : new optim.StepLR(trainer, schedule);
    });
    this.#steps = program.steps.map((step) => this.#prepare(step));
    this.#back = { model: this.#keepModel(), optimizers: this.#keepOptimizers() };
  }

  /** Everything that happens, in order. */
  trace(): Trace {
    const trace: Trace = new Map();
    this.#program.happenings.forEach((happening, at) => {
      this.#happen(happening, `${at}`, trace);
    });
    this.#look('end', trace);
    return trace;
  }

  #build(): Model {
    const { size, layers, norms, encoders, seeds } = this.#program;
    const { dtype } = this.#tools;
    const linear = layers.map((bias) => new nn.Linear(size, size, { bias, dtype }));
    const normal = norms.map((kind) =>
      kind === 'batch' ? new nn.BatchNorm1d(size, { dtype }) : new nn.LayerNorm(size, { dtype }),
    );
    const moduleOf = (part: Part): nn.Module => {
      if ('layer' in part) return linear[part.layer]!;
      if ('transposed' in part) return new Transposed(linear[part.transposed]!);
      return 'norm' in part ? normal[part.norm]! : new nn[part.activation]();
    };
    for (const [i, layer] of linear.entries()) this.#layers.set(`layer${i}`, layer);
    for (const [i, layer] of normal.entries()) this.#layers.set(`norm${i}`, layer);
    for (const [name, { kind, trained }] of Object.entries(HELD)) {
      const values = this.#numbers(seeds[name]!, kind === 'scalar' ? 'row' : kind);
      const leaf = kind === 'scalar' ? tensor(-0.5, { dtype }) : values;
      if (trained) leaf.requiresGrad = true;
      this.#held.set(name, leaf);
    }
    for (const [name, seed] of Object.entries(seeds)) {
      const kind = this.#leaf(name).rank === 2 ? 'matrix' : 'row';
      if (name.includes('.')) this.#leaf(name).assign(this.#numbers(seed, kind));
    }
    return new Model(encoders.map((parts) => new nn.Sequential(...parts.map(moduleOf))));
  }

  #leaf(name: string): Tensor {
    const [owner, key] = name.split('.') as [string, string?];
    return key === undefined ? this.#held.get(name)! : (Reflect.get(this.#layers.get(owner)!, key) as Tensor);
  }

  /** The names of all tensors. */
  get #names(): string[] {
    const own = [...this.#layers].flatMap(([name, layer]) =>
      Object.entries(layer).flatMap(([key, leaf]) => (leaf instanceof Tensor ? `${name}.${key}` : [])),
    );
    return [...own, ...this.#held.keys()];
  }

  #numbers(seed: number, kind: Kind): Tensor {
    const { size } = this.#program;
    if (kind === 'labels') return tensor(drawLabels(seed, size), { dtype: 'int32' });
    const shape = kind === 'matrix' ? [size, size] : [size];
    return tensor(draw(seed, kind === 'matrix' ? size * size : size), { shape, dtype: this.#tools.dtype });
  }

  #prepare(step: Step): { run: Run; compiled: Run } {
    const body = (values: readonly unknown[], fails: boolean): Tensor[] =>
      step.evaluates ? noGrad(() => this.#body(step, values, fails)) : this.#body(step, values, fails);
    const run: Run =
      step.form === 'list'
        ? (fails, ...values) => body(values, fails as boolean)
        : (given) => {
            const { fails, first, rest } = given as { fails: boolean; first: unknown; rest: readonly unknown[] };
            return body([first, ...rest], fails);
          };
    const pack = (inner: Run): Run =>
      step.form === 'list' ? inner : (fails, first, ...rest) => inner({ fails, first, rest });
    return { run: pack(run), compiled: pack(this.#tools.compile(run)) };
  }

  #body({ body }: Step, values: readonly unknown[], fails: boolean): Tensor[] {
    const results: Tensor[] = [];
    for (const statement of body) {
      switch (statement.do) {
        case 'loss': {
          const terms = statement.terms.map((term) => this.#term(term, values));
          results.push(terms.reduce((sum, term) => sum.add(term)));
          break;
        }
        case 'backward': {
          const loss = results.at(-1)!;
          if (loss.requiresGrad) loss.backward();
          break;
        }
        case 'clip':
          if (this.#trained[statement.optimizer]!.some(({ grad }) => grad !== null)) {
            this.#trainers[statement.optimizer]!.clip(statement.most);
          }
          break;
        case 'average': {
          const { into, from, share } = statement;
          noGrad(() =>
            this.#leaf(into).assign(
              this.#leaf(into)
                .mul(1 - share)
                .add(this.#read(from, values).mul(share)),
            ),
          );
          break;
        }
        case 'throw':
          if (fails) throw new Interruption();
          break;
        case 'give':
          results.push(this.#present(statement.leaf, statement.what));
          break;
        default:
          this.#trainers[statement.optimizer]![statement.do]();
      }
    }
    return results;
  }

  #present(name: string, what: 'numbers' | 'gradient'): Tensor {
    const leaf = this.#leaf(name);
    return (what === 'gradient' ? (leaf.grad ?? leaf) : leaf).detach();
  }

  #read(from: Operand, values: readonly unknown[], dtype: c.DType = this.#tools.dtype): Tensor {
    if ('leaf' in from) return this.#leaf(from.leaf);
    const value = values[from.argument];
    return value instanceof Tensor ? value : tensor(value as c.NestedArray, { dtype });
  }

  #term(term: Term, values: readonly unknown[]): Tensor {
    const read = (from: Operand): Tensor => this.#read(from, values);
    const encode = (encoder: number, x: Operand): Tensor => this.#model.encoders[encoder]!.forward(read(x));
    switch (term.term) {
      case 'match':
        return encode(term.encoder, term.x).sub(read(term.to)).square().log1p().mean();
      case 'product':
        return read(term.x).mul(read(term.y)).mean();
      case 'shift':
        return read(term.x).add(read(term.row)).softplus().mean();
      case 'pick': {
        const labels = this.#read(term.labels, values, 'int32');
        return c.gather(encode(term.encoder, term.x), labels.expandDims(1), { axis: 1 }).tanh().mean();
      }
      case 'infoNCE': {
        const [query, key] = [encode(term.encoders[0], term.x), encode(term.encoders[1], term.y)];
        return c.infoNCELoss(query, key, { temperature: term.learned ? this.#leaf('temperature').tanh().exp() : 0.5 });
      }
      case 'decay':
        return this.#leaf(term.leaf).square().mean();
      case 'noise': {
        const x = read(term.x);
        return x.mul(c.randn(x.shape, { dtype: x.dtype, generator: this.#generator })).mean();
      }
    }
  }

  #happen(happening: Happening, at: string, trace: Trace): void {
    switch (happening.do) {
      case 'call':
        this.#call(happening, at, trace);
        break;
      case 'freeze':
      case 'unfreeze':
        this.#leaf(happening.leaf).requiresGrad = happening.do === 'unfreeze';
        break;
      case 'lr':
        this.#trainers[happening.optimizer]!.lr = happening.value;
        break;
      case 'schedule':
        this.#schedules[happening.optimizer]!.step();
        break;
      case 'save':
        if (happening.what === 'model') this.#back.model = this.#keepModel();
        else this.#back.optimizers = this.#keepOptimizers();
        break;
      case 'load':
        this.#back[happening.what]();
        break;
      case 'assign': {
        const { from } = happening;
        this.#leaf(happening.leaf).assign('leaf' in from ? this.#leaf(from.leaf) : this.#numbers(from.fresh, 'matrix'));
        break;
      }
      case 'replace': {
        const weight = new nn.Parameter(this.#numbers(happening.fresh, 'matrix'));
        Object.assign(this.#layers.get(`layer${happening.layer}`)!, { weight });
        break;
      }
      case 'momentum':
        Object.assign(this.#layers.get(`norm${happening.norm}`)!, { momentum: happening.value });
        break;
      case 'train':
      case 'eval':
        this.#model.train(happening.do === 'train');
        break;
      case 'read':
        this.#look(at, trace);
        break;
      default:
        this.#trainers[happening.optimizer]![happening.do]();
    }
  }

  #call({ step, given, eagerly, fails }: Extract<Happening, { do: 'call' }>, at: string, trace: Trace): void {
    const { run, compiled } = this.#steps[step]!;
    const { takes } = this.#program.steps[step]!;
    const values: unknown[] = [];
    given.forEach((one, i) => {
      values.push(this.#give(one, takes[i]!, values, i === fails));
    });
    // What threw has changed nothing in a compiled step; eagerly that is so of a step that does not begin.
    try {
      if (fails !== null && !this.#tools.rollsBack) throw new Interruption();
      (eagerly ? run : compiled)(fails === 'throw', ...values).forEach((result, i) => {
        trace.set(`${at} result ${i}`, [...result.dataSync()]);
      });
    } catch (error) {
      if (fails === null || !(error instanceof Interruption || error instanceof c.ArgumentError)) throw error;
      trace.set(`${at} threw`, []);
    }
    given.forEach((one, i) => {
      if ('trained' in one) trace.set(`${at} argument ${i}.grad`, numbersOf((values[i] as Tensor).grad));
    });
  }

  #give(given: Given, kind: Kind, before: readonly unknown[], isBad: boolean): unknown {
    if ('leaf' in given) return this.#leaf(given.leaf);
    if ('twin' in given) return this.#leaf(given.twin).detach();
    if ('same' in given) return before[given.same];
    const seed = 'array' in given ? given.array : 'trained' in given ? given.trained : given.fresh;
    const numbers = this.#numbers(seed, kind);
    if ('trained' in given) numbers.requiresGrad = true;
    const wrong = isBad ? numbers.add(this.#program.size) : numbers;
    return 'array' in given ? wrong.toArray() : wrong;
  }

  #keepModel(): () => void {
    const state = this.#model.stateDict();
    return () => this.#model.loadStateDict(state);
  }

  #keepOptimizers(): () => void {
    const trainers = this.#trainers.map((trainer) => trainer.keep());
    const schedules = this.#schedules.map((schedule) => schedule?.stateDict());
    return () => {
      for (const goBack of trainers) goBack();
      this.#schedules.forEach((schedule, i) => {
        schedule?.loadStateDict(schedules[i]!);
      });
    };
  }

  #look(at: string, trace: Trace): void {
    for (const name of this.#names) {
      const leaf = this.#leaf(name);
      trace.set(`${at} ${name}`, numbersOf(leaf));
      trace.set(`${at} ${name}.grad`, numbersOf(leaf.grad));
    }
    this.#trainers.forEach(({ lr }, i) => {
      trace.set(`${at} lr ${i}`, [lr]);
    });
  }
}

/** Runs a program with some tools. */
export const run = (program: Program, tools: Tools): Trace => new Running(program, tools).trace();

/** How far two traces are apart, and where: relative to the larger number, or to 1; infinite where one has no number. */
export function compare(actual: Trace, wanted: Trace): { readonly error: number; readonly at: string } {
  let worst = { error: 0, at: 'nowhere' };
  for (const [at, numbers] of wanted) {
    const own = actual.get(at);
    const isSame = own === numbers;
    const error = isSame ? 0 : own && numbers ? furthest(own, numbers).error : Number.POSITIVE_INFINITY;
    if (error > worst.error) worst = { error, at };
  }
  return worst;
}
