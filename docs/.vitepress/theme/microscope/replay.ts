/** @file A graph computed again with one of its tensors changed: what central differences are made of. */
import type { Trace } from '../../../../src/explain/index.js';
import { noGrad, type Tensor, tensor } from '../../../../src/index.js';

/** How far an element is moved each way. */
export const STEP = 1e-5;

/** The tensors of a trace by their ids, found from the loss that it was made of. */
export function tensorsOf({ tensors, loss }: Trace, made: Tensor): Tensor[] {
  const found: Tensor[] = [];
  const visit = (x: Tensor, id: number): void => {
    if (found[id] !== undefined) return;
    found[id] = x;
    for (const [i, input] of (x.node?.inputs ?? []).entries()) visit(input, tensors[id]!.inputs[i]!);
  };
  visit(made, loss);
  return found;
}

/** The loss where one tensor has other numbers: all that was computed from it is computed again, by the engine's own rules. */
export function lossWith(trace: Trace, tensors: readonly Tensor[], id: number, data: Float64Array): number {
  const now = [...tensors];
  now[id] = tensor(data, { shape: tensors[id]!.shape });
  const changed = new Set([id]);
  noGrad(() => {
    for (const { id: result, inputs } of trace.tensors) {
      if (result === id || !inputs.some((input) => changed.has(input))) continue;
      const { rule, attributes } = tensors[result]!.node!;
      now[result] = rule.forward(
        inputs.map((input) => now[input]!),
        attributes,
      );
      changed.add(result);
    }
  });
  return now[trace.loss]!.item();
}

/** The loss' derivative by each element of a tensor, by central differences. */
export function differences(trace: Trace, tensors: readonly Tensor[], id: number): number[] {
  const data = Float64Array.from(tensors[id]!.dataSync());
  const at = (element: number, step: number): number =>
    lossWith(
      trace,
      tensors,
      id,
      data.map((value, i) => (i === element ? value + step : value)),
    );
  return Array.from(data, (_, i) => (at(i, STEP) - at(i, -STEP)) / (2 * STEP));
}
