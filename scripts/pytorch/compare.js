/**
 * @file Compares embeddings with PyTorch's, both ways: an encoder trained here and loaded there, and encoders made there
 * and loaded here. Run it after a build: `node scripts/pytorch/compare.js [python]`; the Python needs torch and NumPy.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Generator, infoNCELoss, nn, optim, randn } from '../../dist/index.js';
import { loadEncoder, serializeRunConfig, writeSafetensors } from '../../dist/io/index.js';

const python = process.argv[2] ?? 'python3';
const folder = mkdtempSync(join(tmpdir(), 'contragrad-pytorch-'));
let apart = 0;

/** Prints how far two lists of embeddings are apart. */
function compare(what, ours, theirs) {
  const differences = ours.flatMap((row, i) => row.map((value, j) => Math.abs(value - theirs[i][j])));
  const furthest = Math.max(...differences);
  apart = Math.max(apart, furthest);
  console.log(
    `${what}: ${ours.length} embeddings of ${ours[0].length} numbers, at most ${furthest.toExponential(1)} apart`,
  );
}

/** Trains an encoder of an architecture here, and writes its run. */
async function trainHere(name, input, architecture) {
  const generator = new Generator(1);
  const model = nn.fromConfig(architecture, { input: input.shape, generator });
  const optimizer = new optim.Adam(model.parameters(), { lr: 0.01 });
  for (let step = 0; step < 30; step++) {
    const x = randn([16, ...input.shape], { generator });
    const view = () => x.add(randn(x.shape, { generator }).mul(0.1));
    const loss = infoNCELoss(model.forward(view()), model.forward(view()));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
  }
  const run = join(folder, name);
  mkdirSync(run);
  const config = { format: 'contragrad-run', version: 1, input, architecture, metric: 'cosine', settings: {} };
  writeFileSync(join(run, 'config.json'), serializeRunConfig(config));
  await writeSafetensors(join(run, 'model.safetensors'), model.stateDict());
  return run;
}

try {
  execFileSync(python, ['scripts/pytorch/make.py', folder]);
  for (const name of ['table', 'image']) {
    const there = join(folder, name);
    const { versions, rows, embeddings } = JSON.parse(readFileSync(join(there, 'embeddings.json'), 'utf8'));
    if (name === 'table') console.log(`torch ${versions.torch}, NumPy ${versions.numpy}, Python ${versions.python}`);
    compare(`made by PyTorch, loaded here, ${name}`, await (await loadEncoder(there)).embed(rows), embeddings);

    const { input, architecture } = JSON.parse(readFileSync(join(there, 'config.json'), 'utf8'));
    const here = await trainHere(`${name}-here`, input, architecture);
    const answer = execFileSync(python, ['scripts/pytorch/embed.py', here], { input: JSON.stringify(rows) });
    const ours = await (await loadEncoder(here)).embed(rows);
    compare(`made here, loaded by PyTorch, ${name}`, ours, JSON.parse(answer.toString()).embeddings);
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = apart <= 1e-5 ? 0 : 1;
