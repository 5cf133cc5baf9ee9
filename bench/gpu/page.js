/** @file The race: every engine does the same work, in turns, in one page. Each result is read before the clock stops. */
import { contragrad } from './contragrad.js';
import { jax } from './jax.js';
import { readme } from './readme.js';
import { tfjs } from './tfjs.js';

/** How long each workload is repeated, all engines in turns. */
const SECONDS = 12;
const SMALLEST = 3;

globalThis.workloads = [
  ...[64, 128, 256, 512, 1024].map((n) => `matmul ${n}`),
  'infonce 256',
  'infonce 1024',
  'encoder step',
];

globalThis.contestants = [
  contragrad('webgl2'),
  contragrad('webgpu'),
  tfjs('webgl'),
  tfjs('webgpu'),
  jax('webgl'),
  jax('webgpu'),
  readme('webgl2'),
];

globalThis.adapter = () => {
  const gl = document.createElement('canvas').getContext('webgl2');
  return gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info').UNMASKED_RENDERER_WEBGL);
};

/** Times one workload: an untimed first run of each engine, then rounds in which each runs once. */
globalThis.race = async (workload) => {
  const runners = [];
  for (const { name, prepare } of globalThis.contestants) {
    try {
      const run = await prepare(workload);
      if (run === null) continue;
      const value = await run();
      if (!Number.isFinite(value)) throw new Error(`computed ${value}`);
      await run();
      runners.push({ name, run, value, times: [] });
    } catch (error) {
      runners.push({ name, refusal: `${error.message ?? error}`.split('\n')[0].slice(0, 100) });
    }
  }
  const starting = runners.filter(({ run }) => run !== undefined);
  // The same work: the first values agree.
  const [first] = starting;
  for (const { name, value } of starting) {
    const apart = Math.abs(value - first.value) / Math.max(1, Math.abs(first.value));
    if (!(apart < 2e-3)) throw new Error(`${workload}: ${name} computed ${value}, ${first.name} ${first.value}`);
  }
  const end = performance.now() + 1000 * SECONDS;
  for (let round = 0; round < SMALLEST || performance.now() < end; round++) {
    for (const { run, times } of starting) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
  }
  return runners.map(({ name, times, refusal }) =>
    refusal !== undefined
      ? { name, refusal }
      : { name, rounds: times.length, median: times.sort((a, b) => a - b)[times.length >> 1] },
  );
};
