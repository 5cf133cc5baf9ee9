/** @file What a user installs does what it promises, and weighs no more. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build as esbuild } from 'esbuild';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { binary } from '../../src/devices/cpu/generated/binary.js';
import { installedProject } from '../support/installed.js';

const { folder: project, provide, write, node } = installedProject();

test('tensors, gradients and weights work with nothing else installed', () => {
  expect(
    node(`
      import { infoNCELoss, nn, randn } from 'contragrad';
      import { serializeSafetensors } from 'contragrad/io';
      const layer = new nn.Linear(3, 2);
      infoNCELoss(layer.forward(randn([4, 3])), layer.forward(randn([4, 3]))).backward();
      console.log(layer.weight.grad.shape, serializeSafetensors(layer.stateDict()).length > 40);
    `),
  ).toBe('[ 2, 3 ] true');
});

test('without gpu.js the gpu entry says how to get it', () => {
  expect(
    node(`
      import { gpu } from 'contragrad/gpu';
      await gpu().catch((error) => console.log(error.name, error.message));
    `),
  ).toMatch(/^DeviceError gpu: gpu\.js cannot be loaded \(.*\); npm install gpu\.js --ignore-scripts$/s);
});

test('all entries share one Tensor class', () => {
  provide('gpu.js', 'fast-check');
  expect(
    node(`
      import { Tensor, tensor } from 'contragrad';
      import { gpu } from 'contragrad/gpu';
      import { parseTable } from 'contragrad/data';
      import { checkOp, broadcastableTensors } from 'contragrad/testing';
      checkOp((a, b) => a.mul(b), broadcastableTensors(), { numRuns: 5 });
      import { parseSafetensors, serializeSafetensors } from 'contragrad/io';
      const device = await gpu({ mode: 'cpu' });
      const { tensors } = parseSafetensors(serializeSafetensors({ x: tensor([1, 2], { device }) }));
      console.log(tensors.x instanceof Tensor, tensors.x.toArray(), parseTable('1,a').count);
    `),
  ).toBe('true [ 1, 2 ] 1');
});

test('gradcheck tells a wrong rule of a user, with the element, from a right one', () => {
  const rule = (factor: number): string => `
    import { defineOp, gradcheck, tensor } from 'contragrad';
    const cubeOp = defineOp({
      name: 'cube',
      formula: 'y = x^3',
      localDerivative: ['3x^2'],
      forward: ([x]) => x.mul(x).mul(x),
      pullBack: [(g, { inputs: [x] }) => g.mul(x.square().mul(${factor}))],
    });
    const x = tensor([[1, 2], [3, 4]], { dtype: 'float64' });
    try {
      console.log(gradcheck((t) => cubeOp([t]), [x], { name: 'cube' }).kinks);
    } catch (error) {
      console.log(error.name, error.message);
    }`;
  expect(node(rule(3))).toBe('0');
  expect(node(rule(2))).toMatch(
    /^GraphError gradcheck: cube, input 0, element \[0, 0\]: the gradient is -?[\d.]+, the finite difference -?[\d.]+ /,
  );
});

test('the command runs', () => {
  const installed = join(project, 'node_modules/contragrad');
  provide('commander', 'cli-progress', 'ml-pca');
  const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
    bin: { contragrad: string };
  };
  const { status, stdout } = spawnSync('node', [join(installed, bin.contragrad), 'train', '--help'], {
    encoding: 'utf8',
  });
  expect(stdout).toContain('--loss <name>');
  expect(status).toBe(0);
});

test('a production bundle keeps the methods, and drops the layers that nobody uses', async () => {
  write(
    'page.js',
    `import { tensor } from 'contragrad';
     const a = tensor([[1, 2], [3, 4]], { requiresGrad: true });
     a.matmul(a).sum().backward();
     console.log(JSON.stringify(a.grad.toArray()));
     try { a.matmul(tensor([1, 2, 3])); } catch (error) { console.log(error.name); }`,
  );
  await build({
    root: project,
    logLevel: 'error',
    build: { lib: { entry: 'page.js', formats: ['es'], fileName: 'page' }, outDir: 'out', minify: true },
  });
  const bundle = join(project, 'out/page.js');
  const text = readFileSync(bundle, 'utf8');
  const { stdout, stderr } = spawnSync('node', [bundle], { encoding: 'utf8' });
  expect(stdout.trim() + stderr).toBe('[[7,11],[9,13]]\nShapeError');
  expect(text).toContain('matmul: ');
  // Nothing of gpu.js, and nothing that a strict content security policy forbids.
  expect(text).not.toMatch(/createKernel|\beval\(|new Function/);
  for (const unused of ['inFeatures', 'weightDecay', 'batchTripletLoss', 'knnAccuracy', 'frozen into the plan']) {
    expect(text).not.toContain(unused);
  }
  console.log(`bundle of tensor and its methods: ${(text.length / 1024).toFixed(0)} kB minified`);
});

test('a bundle for Node, where the entries are joined files, keeps the methods too', async () => {
  const outfile = join(project, 'out/node.mjs');
  const { metafile } = await esbuild({
    stdin: {
      contents: "import { tensor } from 'contragrad'; console.log(tensor([1, 2]).mul(2).toArray().join());",
      resolveDir: project,
    },
    ...{ bundle: true, platform: 'node', format: 'esm', outfile, metafile: true },
  });
  expect(Object.keys(metafile.inputs).filter((path) => !/<stdin>|contragrad\/dist\/node\//.test(path))).toEqual([]);
  expect(spawnSync('node', [outfile], { encoding: 'utf8' }).stdout).toBe('2,4\n');
});

test('minified and gzipped, WebAssembly included, what trains a small encoder weighs at most 44 kB, the whole entry 62 kB', async () => {
  const weigh = async (code: string): Promise<number> => {
    write('weighed.js', code);
    await build({
      root: project,
      logLevel: 'error',
      build: {
        rolldownOptions: {
          input: join(project, 'weighed.js'),
          preserveEntrySignatures: 'strict',
          output: { entryFileNames: 'weighed.js' },
        },
        modulePreload: false,
        outDir: 'out',
      },
    });
    return gzipSync(readFileSync(join(project, 'out/weighed.js')), { level: 9 }).length;
  };
  const losses = 'contrastiveLoss, tripletLoss, infoNCELoss, mutualInformationLoss';
  const small = await weigh(
    `import { nn, optim } from 'contragrad';
     export { compile, tensor, ${losses} } from 'contragrad';
     export const parts = [nn.Linear, optim.Adam];`,
  );
  const whole = await weigh("export * from 'contragrad';");
  console.log(
    `gzipped: operations, four losses, Linear, Adam and compile ${small} bytes, the whole entry ${whole} bytes`,
  );
  expect(small).toBeGreaterThan(10_000);
  expect(small).toBeLessThanOrEqual(44_000);
  expect(whole).toBeLessThanOrEqual(62_000);
});

/** A page's whole script by esbuild, minified. */
async function bundled(code: string): Promise<Uint8Array> {
  const { outputFiles } = await esbuild({
    stdin: { contents: code, resolveDir: project },
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
  });
  return outputFiles[0]!.contents;
}

/** How the embedded WebAssembly starts. */
const WASM = binary.slice(0, 16);

test('minified and gzipped, inference alone weighs at most 27 kB, with every layer; it reaches no WebAssembly and no file', async () => {
  const code = "export { loadEncoder } from 'contragrad/io';";
  const script = await bundled(code);
  const size = gzipSync(script, { level: 9 }).length;
  console.log(`gzipped: loadEncoder with every layer ${size} bytes`);
  const text = new TextDecoder().decode(script);
  expect(text).toContain('BatchNorm2d');
  for (const unreached of [WASM, 'backward', 'weightDecay', 'rename', 'gpu.js']) {
    expect(text.includes(unreached), unreached).toBe(false);
  }
  // What trains does reach it.
  expect(new TextDecoder().decode(await bundled("export { tensor } from 'contragrad';"))).toContain(WASM);
  expect(size).toBeGreaterThan(10_000);
  expect(size).toBeLessThanOrEqual(27_000);

  write('inference.mjs', new TextDecoder().decode(script));
  write(
    'use.mjs',
    `import { readFileSync } from 'node:fs';
     import { loadEncoder } from './inference.mjs';
     const folder = ${JSON.stringify(resolve('test/golden/pytorch/image'))};
     const { rows, embeddings } = JSON.parse(readFileSync(folder + '/embeddings.json', 'utf8'));
     const ours = (await (await loadEncoder(folder)).embed(rows)).flat();
     console.log(Math.max(...ours.map((value, i) => Math.abs(value - embeddings.flat()[i]))) < 1e-5);`,
  );
  const { stdout, stderr } = spawnSync('node', ['use.mjs'], { cwd: project, encoding: 'utf8' });
  expect(stdout.trim() + stderr).toBe('true');
});
