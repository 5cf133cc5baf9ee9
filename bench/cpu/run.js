/** @file Runs the race in this process and two Pythons; prints ratios, writes results.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { byHand } from './by-hand.js';
import { compiled, eager } from './contragrad.js';
import { GROUPS } from './inputs.js';
import { printBundles, printRace, printStartUps } from './print.js';
import { python } from './python.js';
import { EFFORTS, race } from './race.js';
import { sizes } from './sizes.js';
import { startUp } from './start-up.js';

/** The peers are imported late, so that one that breaks does not stop the others. */
const CONTESTANTS = {
  'contragrad compiled': () => compiled,
  'contragrad eager': () => eager,
  'by hand': () => byHand,
  'TF.js wasm': async () => (await import('./tfjs.js')).start(),
  'jax-js jit wasm': async () => (await import('./jax-js.js')).start(),
  'js-pytorch': async () => (await import('./js-pytorch.js')).start(),
  'PyTorch eager': () => python('torch_turns.py'),
  'JAX jit': () => python('jax_turns.py'),
};

const parts = [...Object.keys(GROUPS), 'start-up', 'sizes'];
const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
const wanted = options.only?.split(',') ?? parts;
for (const part of wanted) {
  if (!parts.includes(part)) throw new Error(`--only: needs some of ${parts.join(',')}, got ${part}`);
}
const effort = options.quick ? EFFORTS.quick : EFFORTS.full;

const read = (path) => JSON.parse(readFileSync(`${import.meta.dirname}/${path}`, 'utf8'));
const { packages } = read('package-lock.json');
const versions = { Node: process.versions.node, contragrad: read('../../package.json').version };
for (const name of ['@tensorflow/tfjs-core', '@jax-js/jax', 'js-pytorch']) {
  versions[name] = packages[`node_modules/${name}`].version;
}
const machine = { cpu: cpus()[0].model, cores: cpus().length, loadBefore: loadavg()[0] };
console.log(`${machine.cpu}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(1)}, Node ${versions.Node}`);

const [contestants, absent] = [[], []];
for (const [name, start] of Object.entries(CONTESTANTS)) {
  try {
    const { version, ...contestant } = await start();
    contestants.push({ name, ...contestant });
    if (version !== undefined) versions[name] = version;
  } catch (error) {
    absent.push({ name, refusal: error.message });
    console.log(`${name} does not start: ${error.message}`);
  }
}

const races = [];
for (const { name, make } of wanted.flatMap((part) => GROUPS[part] ?? [])) {
  races.push(await race(name, make(), contestants, effort));
  printRace(races.at(-1));
}
for (const { stop } of contestants) stop?.();
const startUps = wanted.includes('start-up') ? startUp(options.quick ? 5 : 15) : [];
printStartUps(startUps);
const bundles = wanted.includes('sizes') ? await sizes() : [];
printBundles(bundles);

const results = {
  date: new Date().toISOString().slice(0, 10),
  options,
  machine: { ...machine, loadAfter: loadavg()[0] },
  versions,
  absent,
  races,
  startUps,
  bundles,
};
writeFileSync(`${import.meta.dirname}/results.json`, `${JSON.stringify(results, null, 2)}\n`);
