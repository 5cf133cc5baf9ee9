/** @file Training steps, written down once and replayed. */

import { context, countWatches, within } from '../autograd/context.js';
import type { Tensor } from '../autograd/tensor.js';
import { checkKind } from '../checks.js';
import { describeCall, identityOf, matcherOf } from './arguments.js';
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
 * Tensors and arrays of numbers among the arguments are inputs. Parameters, optimizer state and the learning rate are current at
 * each call, and gradients are left on the parameters. A call of another kind is written down anew: other shapes, types or plain values,
 * other fields of a module or an optimizer, an argument that is a tensor which the step holds too. So pass what changes at every call as a
 * tensor; the 64 kinds used last are kept. Out of sight are variables around the step that are bound anew, and `#private` fields. Data made inside the step
 * from JavaScript values is constant (see `plan.constants`), as is the way it takes through `if` and loops.
 *
 * Inside {@link detectAnomaly} the step runs as it is, without a plan, and so does a step that calls it: what it does before that call is then done twice
 * at the first call of a kind.
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
  checkKind('compile', 'the step', step, 'function');
  const plans = new Map<string, Executable[]>();
  /** The kinds of call in which the step looks for NaN itself: it runs as it is. */
  const watched = new Set<string>();
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

  /** Runs the step once and undoes it: what is left is its plan; null where it looks at each result. */
  const record = (args: Args): Executable | null => {
    const themselves = new Set<Tensor>();
    for (;;) {
      const recorder = new StepRecorder(args, themselves);
      let plan: Executable | null = null;
      try {
        const result = within('compile', { recorder }, () => step(...(recorder.args as Args)));
        if (recorder.isWatched) return null;
        if (recorder.themselves().length === 0) {
          const blueprint = new Blueprint(recorder, result);
          plan = StaticPlan.of(blueprint) ?? new GenericPlan(blueprint);
        }
      } catch (error) {
        if (recorder.isWatched) return null;
        if (recorder.themselves().length === 0) throw error;
      } finally {
        recorder.rollBack(plan !== null);
      }
      if (plan !== null) return plan;
      // Once more, without stand-ins for these.
      for (const tensor of recorder.themselves()) themselves.add(tensor);
    }
  };

  const compiled = (...args: Args): Result => {
    const { grad, device, recorder, anomaly, watcher } = context();
    // Inside another step it is a part of that one; and who looks at each operation is to see them.
    if (recorder !== null || anomaly || watcher !== null) return step(...args);
    if (latest?.matches(args)) return latest.plan.run(args) as Result;
    const describe = (): string => `${grad} ${identityOf(device)}; ${describeCall(args)}`;
    const key = describe();
    const runWatched = (): Result => {
      const before = countWatches();
      if (watched.size === PLANS) watched.clear();
      watched.add(key);
      latest = null;
      const result = step(...args);
      if (countWatches() === before) watched.delete(key);
      return result;
    };
    if (watched.has(key)) return runWatched();
    const known = plans.get(key) ?? [];
    const matcher = matcherOf(args);
    const use = (plan: Executable, list: Executable[]): Result => {
      const isSame = (others: readonly unknown[]): boolean =>
        context().grad === grad && context().device === device && matcher!(others) && plan.fits(others);
      latest = { plan, matches: matcher === null ? () => false : isSame };
      keep(key, list);
      return plan.run(args) as Result;
    };
    const plan = known.find((candidate) => candidate.fits(args));
    if (plan !== undefined) return use(plan, known);
    const made = record(args);
    if (made === null) return runWatched();
    if (made.fits(args) && describe() === key) return use(made, [made, ...known]);
    // The step changes what its way depends on: what was written down holds for this call alone.
    latest = null;
    const result = made.run(args) as Result;
    made.dispose();
    return result;
  };
  const dispose = (): void => {
    for (const list of plans.values()) for (const plan of list) plan.dispose();
    plans.clear();
    watched.clear();
    latest = null;
  };
  Object.defineProperty(compiled, 'plan', { get: () => latest?.plan ?? null });
  return Object.assign(compiled, { dispose }) as unknown as CompiledStep<Args, Result>;
}
