/** @file What the microscope shows, and the address that holds it. */
import { type BatchName, LOSSES, type LossName, type Subject } from './subject.js';

/** What the microscope shows. */
export interface MicroscopeState extends Subject {
  /** How many steps of the backward pass are done; 0 is before the first. */
  readonly step: number;
  /** The groups that are folded, by name. */
  readonly folded: readonly string[];
  /** Whether finite differences stand beside the gradient. */
  readonly compare: boolean;
}

/** How the microscope begins. */
export const START: MicroscopeState = {
  loss: 'contrastive',
  encoder: false,
  batch: 'small',
  step: 0,
  folded: [],
  compare: false,
};

const BATCH_NAMES: readonly BatchName[] = ['small', 'large'];

/** More steps than any pass has. */
const MOST_STEPS = 999;

/** The part of an address that holds a state: `loss=triplet&step=3&fold=distance`. */
export function addressOf({ loss, encoder, batch, step, folded, compare }: MicroscopeState): string {
  const query = new URLSearchParams({ loss, step: String(step) });
  if (encoder) query.set('encoder', 'on');
  if (batch !== 'small') query.set('batch', batch);
  if (folded.length > 0) query.set('fold', folded.join(','));
  if (compare) query.set('compare', 'on');
  return query.toString();
}

/** The state that an address holds, or what is wrong with it. */
export function stateAt(address: string): MicroscopeState | { readonly problem: string } {
  const query = new URLSearchParams(address);
  const loss = query.get('loss') ?? START.loss;
  const batch = query.get('batch') ?? START.batch;
  const step = query.get('step') ?? '0';
  if (!(LOSSES as readonly string[]).includes(loss)) return { problem: `no loss is called ${loss}` };
  if (!(BATCH_NAMES as readonly string[]).includes(batch)) return { problem: `no batch is called ${batch}` };
  if (!/^\d+$/.test(step) || Number(step) > MOST_STEPS) return { problem: `${step} is no step` };
  return {
    loss: loss as LossName,
    batch: batch as BatchName,
    step: Number(step),
    encoder: query.get('encoder') === 'on',
    compare: query.get('compare') === 'on',
    folded: (query.get('fold') ?? '').split(',').filter((name) => name !== ''),
  };
}
