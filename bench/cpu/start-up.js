/** @file From nothing to the first gradient, in a fresh process, less what an empty script takes. */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { BINARIES, PATH } from './tfjs-bundle.js';

const file = (path) => JSON.stringify(pathToFileURL(path).href);

/** The gradient of x² + y², as each has it. */
const SCRIPTS = {
  contragrad: `
    const { tensor } = await import(${file(`${import.meta.dirname}/../../dist/node/index.js`)});
    const x = tensor([3, 4], { requiresGrad: true });
    x.mul(x).sum().backward();
    console.log(x.grad.toArray().join());`,
  'TF.js wasm': `
    const tf = await import(${file(PATH)});
    tf.setWasmPaths(${JSON.stringify(BINARIES)});
    await tf.setBackend('wasm');
    console.log(tf.grad((x) => x.mul(x).sum())(tf.tensor1d([3, 4])).dataSync().join());`,
  'jax-js wasm': `
    const { defaultDevice, grad, init, numpy: np } = await import('@jax-js/jax');
    await init('wasm');
    defaultDevice('wasm');
    console.log((await grad((x) => x.ref.mul(x).sum())(np.array([3, 4])).data()).join());`,
  'js-pytorch': `
    const { torch } = await import('js-pytorch');
    const x = torch.tensor([3, 4], true);
    x.mul(x).sum(0).backward();
    console.log(x.grad.join());`,
};

function milliseconds(script) {
  const start = performance.now();
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
  const time = performance.now() - start;
  if (script !== '' && printed !== '6,8') throw new Error(`expected the gradient 6,8, got ${printed}`);
  return time;
}

/** Medians over rounds in which each runs once, and an empty script just before it; or why one does not run. */
export function startUp(rounds) {
  const engines = Object.entries(SCRIPTS).map(([name, script]) => ({ name, script, times: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const engine of engines.filter(({ refusal }) => refusal === undefined)) {
      try {
        const empty = milliseconds('');
        engine.times.push(milliseconds(engine.script) - empty);
      } catch (error) {
        engine.refusal = error.message.split('\n')[0];
      }
    }
  }
  const medians = engines.map(({ times }) => times.sort((a, b) => a - b)[rounds >> 1]);
  return engines.map(({ name, refusal }, k) =>
    refusal === undefined ? { name, milliseconds: medians[k], ratio: medians[k] / medians[0] } : { name, refusal },
  );
}
