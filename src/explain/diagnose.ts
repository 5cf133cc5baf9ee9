/** @file What is wrong with a batch and its loss, in words, with the next thing to try. */
import { attributed, drawingAgain, type InputsOf, type OptionsOf, prepared } from './attribution.js';
import type { Diagnosis } from './diagnosis.js';
import { figuresOf } from './figures.js';
import { findingsOf, healthy } from './findings.js';
import type { AttributableLoss } from './pair-forms.js';

export type { Diagnosis, Finding, Share } from './diagnosis.js';

/**
 * Looks at a loss on a batch for what makes training fail quietly: collapse, against the loss that there is then; labels that the
 * embeddings contradict; a margin or temperature that leaves nothing to learn; few active pairs; few dimensions in use; gradients
 * that vanish or explode; problems of the batch itself. Each finding names the figure that it rests on. One batch cannot tell
 * everything: what two causes would explain is said with both.
 *
 * @param lossFn - One of the losses of embeddings.
 * @param inputs - Its arguments before the options.
 * @param options - Its options.
 * @returns A verdict in words, and the figures behind it.
 * @throws `ArgumentError` as for {@link attribution}.
 *
 * @example
 * ```ts
 * import { batchTripletLoss, ones, type Tensor } from 'contragrad';
 * import { diagnose } from 'contragrad/explain';
 *
 * const batch: [Tensor, number[]] = [ones([4, 8]), [0, 0, 1, 1]];
 * const report = diagnose(batchTripletLoss, batch, { margin: 0.5 });
 * console.log(report.findings[0]?.kind); // collapse
 * console.log(report.collapseValue); // 0.5
 * ```
 */
export function diagnose<Loss extends AttributableLoss>(
  lossFn: Loss,
  inputs: InputsOf<Loss>,
  options: OptionsOf<Loss> = {} as OptionsOf<Loss>,
): Diagnosis {
  const form = prepared('diagnose', lossFn, inputs, options);
  const split = attributed(form);
  const [figures, signs] = drawingAgain(options as object, () => figuresOf(lossFn, form, split, options as object));
  const findings = findingsOf(figures, signs);
  const [worst] = findings;
  const verdict = worst === undefined ? healthy(figures) : `${worst.message}. ${worst.advice}.`;
  return { verdict, findings, ...figures };
}
