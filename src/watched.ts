/** @file Objects whose fields are looked at while a step is recorded, so that its plans know when one is set later. */
import { context } from './autograd/context.js';

let writes = 0;

/** Grows whenever a field of a {@link Watched} object is set or deleted. */
export const countWrites = (): number => writes;

/** Sets a field, or takes it away. No replay does it: a plan is right only while the field is as the step left it. */
function write(target: object, key: PropertyKey, to: PropertyDescriptor | undefined): boolean {
  const before = Reflect.getOwnPropertyDescriptor(target, key);
  writes++;
  const isDone = to === undefined ? Reflect.deleteProperty(target, key) : Reflect.defineProperty(target, key, to);
  context().recorder?.depends(
    () => Reflect.get(target, key),
    target,
    () => write(target, key, before),
  );
  return isDone;
}

const handler: ProxyHandler<object> = {
  get(target, key, receiver) {
    const value: unknown = Reflect.get(target, key, receiver);
    const { recorder } = context();
    // What an accessor returns depends on what it reads in its turn.
    if (recorder !== null && (Object.hasOwn(target, key) || value === undefined || typeof value === 'function')) {
      recorder.depends(() => Reflect.get(target, key, receiver), target);
    }
    return value;
  },
  ownKeys(target) {
    context().recorder?.depends(() => Reflect.ownKeys(target).length, target);
    return Reflect.ownKeys(target);
  },
  // Every assignment ends here.
  defineProperty: write,
  deleteProperty: (target, key) => write(target, key, undefined),
};

/** The base of classes that hold tensors and options in fields. */
export const Watched: abstract new () => object = function (this: object) {
  context().recorder?.made(this);
  return new Proxy(this, handler);
} as unknown as abstract new () => object;
