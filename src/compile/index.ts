/** @file Training steps, written down once and replayed. */
import { context, within } from '../autograd/context.js';
import { Tensor } from '../autograd/tensor.js';
import { mapLeaves } from '../leaves.js';
import { identityOf, matcherOf, readArguments } from './arguments.js';
import { GenericPlan } from './generic.js';
import { Blueprint, type Executable, type Plan } from './plan.js';
import { StepRecorder } from './recorder.js';
import { StaticPlan } from './static.js';

export type { Plan } from './plan.js';
export type { Block } from './recorder.js';

/** How many kinds of call, and how many plans for each, are kept. */
const PLANS = 64;

/** A step that is written down once for each kind of call, and replayed. */
export interface CompiledStep<Args extends readonly unknown[], Result> {
  (...args: Args): Result;
  /** The plan of the latest call; null before the first one. */
  readonly plan: Plan | null;
  /** Forgets every plan and lets go of its memory; what tensors hold of it is copied out. The next call records anew. */
  dispose(): void;
}

/**
 * Compiles a training step: during its first call the kernel calls of forward pass, backward pass and optimizer are written
 * down; this call and later ones replay them, on the CPU in float32 as one WebAssembly call. Same inputs, same seed: the
 * numbers are those without `compile`, but for the last digits of float32.
 *
 * Tensors and arrays of numbers among the arguments are inputs. Whatever else the step reads is looked up at each call:
 * parameters, optimizer state and the learning rate are current, and gradients are left on the parameters. A call of
 * another kind (other shapes, types, plain values, `training`) is written down anew, so pass what changes at every call as a
 * tensor; the 64 kinds used last are kept. Data made inside the step
 * from JavaScript values is constant (see `plan.constants`), as is the way it takes through `if` and loops.
 *
 * @param step - Synchronous. It may return tensors, also in arrays and objects; they come back without a graph.
 * @returns a function of the same arguments, with the properties `plan` and `dispose`.
 * @throws {@link CompileError} when the step reads a tensor's value, or an argument is the result of an operation.
 *
 * @example
 * ```ts
 * import { compile, nn, optim, randn } from 'contragrad';
 *
 * const layer = new nn.Linear(4, 2);
 * const optimizer = new optim.Adam(layer.parameters());
 * const step = compile((x: ReturnType<typeof randn>) => {
 *   const loss = layer.forward(x).square().mean();
 *   optimizer.zeroGrad();
 *   loss.backward();
 *   optimizer.step();
 *   return loss;
 * });
 * for (let i = 0; i < 3; i++) step(randn([8, 4]));
 * console.log(step.plan?.executor); // wasm
 * ```
 */
export function compile<Args extends readonly unknown[], Result>(
  step: (...args: Args) => Result,
): CompiledStep<Args, Result> {
  const plans = new Map<string, Executable[]>();
  /** The plan used last, and whether it answers a call. */
  let latest: { readonly plan: Executable; matches(args: readonly unknown[]): boolean } | null = null;
  // A Map keeps the order of insertion: the first key is the one unused for longest.
  const keep = (key: string, list: Executable[]): void => {
    plans.delete(key);
    plans.set(key, list.slice(0, PLANS));
    const gone = list.slice(PLANS);
    if (plans.size > PLANS) {
      const [oldest, unused] = plans.entries().next().value!;
      plans.delete(oldest);
      gone.push(...unused);
    }
    for (const plan of gone) plan.dispose();
  };

  const compiled = (...args: Args): Result => {
    // Inside another step it is a part of that one.
    if (context().recorder !== null) return step(...args);
    if (latest?.matches(args)) return latest.plan.run(args) as Result;
    const { key: call, values } = readArguments(args);
    const { grad, device } = context();
    const key = `${grad} ${identityOf(device)}; ${call}`;
    const known = plans.get(key) ?? [];
    // Before the call: gradients may be there afterwards.
    const matcher = matcherOf(args);
    const use = (plan: Executable): void => {
      const isSame = (others: readonly unknown[]): boolean =>
        context().grad === grad && context().device === device && matcher!(others) && plan.fits(others);
      latest = { plan, matches: matcher === null ? () => false : isSame };
    };
    const plan = known.find((candidate) => candidate.fits(args));
    if (plan !== undefined) {
      keep(key, known);
      use(plan);
      return plan.run(args) as Result;
    }
    const recorder = new StepRecorder(values);
    let result: Result;
    try {
      result = within('compile', { recorder }, () => step(...args));
    } catch (error) {
      recorder.rollBack();
      throw error;
    }
    const blueprint = new Blueprint(recorder, result);
    const made = StaticPlan.of(blueprint) ?? new GenericPlan(blueprint);
    use(made);
    keep(key, [made, ...known]);
    if (made.executor === 'wasm') {
      // Undone and replayed: the first call has the last digits that every later one has, so that training may stop
      // anywhere and go on in another process with the same numbers.
      recorder.rollBack();
      return made.run(args) as Result;
    }
    recorder.commit();
    return mapLeaves(result, Tensor, (tensor) => tensor.detach()) as Result;
  };
  const dispose = (): void => {
    for (const list of plans.values()) for (const plan of list) plan.dispose();
    plans.clear();
    latest = null;
  };
  Object.defineProperty(compiled, 'plan', { get: () => latest?.plan ?? null });
  return Object.assign(compiled, { dispose }) as unknown as CompiledStep<Args, Result>;
}
