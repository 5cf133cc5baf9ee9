/** @file Whether what is inside a JavaScript value is as it was. */
import { Tensor } from '../autograd/tensor.js';
import { checkAttached } from '../dtype.js';
import { Watched } from '../watched.js';

/** What is directly inside an object, in an order of its own. */
function partsOf(value: object): ArrayLike<unknown> {
  if (Array.isArray(value)) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) {
    checkAttached('compile', value as Uint8Array);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  }
  return (value instanceof Map || value instanceof Set ? [...value.entries()] : Object.entries(value)).flat();
}

/**
 * Notes what is inside a value: in arrays, Maps, Sets, buffers and the visible fields of objects, to any depth. Tensors and
 * {@link Watched} objects are noted as a whole.
 *
 * @param seen - What is noted already.
 * @returns Whether another value, or the same one later, has the same inside; null for what has none.
 */
export function watchContents(value: unknown, seen: Set<unknown>): ((later: unknown) => boolean) | null {
  if (typeof value !== 'object' || value === null || seen.has(value)) return null;
  if (Tensor.isTensor(value) || value instanceof Watched) return null;
  seen.add(value);
  const parts = Array.from(partsOf(value));
  const deeper = parts.flatMap((part) => {
    const isSame = watchContents(part, seen);
    return isSame === null ? [] : [() => isSame(part)];
  });
  return (later) => {
    const now = partsOf(later as object);
    if (now.length !== parts.length) return false;
    for (let i = 0; i < parts.length; i++) if (!Object.is(now[i], parts[i])) return false;
    for (const isSame of deeper) if (!isSame()) return false;
    return true;
  };
}
