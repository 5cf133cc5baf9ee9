/** @file PyTorch's and JAX's turns, each in a Python of its own that waits while others run. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

/** One thread, whatever a library would like to use; and no files left behind. */
const ENVIRONMENT = {
  PYTHONDONTWRITEBYTECODE: '1',
  OMP_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  JAX_PLATFORMS: 'cpu',
  XLA_FLAGS: '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1',
};

/** A Python that imports what `script` does. `PYTHON` names another than `python3`. */
export async function python(script) {
  const child = spawn(process.env.PYTHON ?? 'python3', [`${import.meta.dirname}/${script}`], {
    env: { ...process.env, ...ENVIRONMENT },
  });
  let complaint = '';
  child.on('error', ({ message }) => {
    complaint = message;
  });
  child.stderr.on('data', (text) => {
    complaint += text;
  });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(complaint.trim().split('\n').at(-1) || 'Python ended');
    return JSON.parse(value);
  };
  const ask = (request) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return answer();
  };
  const { version } = await answer();
  return {
    version,
    async prepare(workload) {
      if (workload.kind === 'loss') return null;
      const { arrays, ...shape } = packed(workload);
      const folder = mkdtempSync(`${tmpdir()}/contragrad-bench-`);
      try {
        writeFileSync(
          `${folder}/numbers`,
          Buffer.concat(arrays.map((data) => Buffer.from(Float32Array.from(data).buffer))),
        );
        await ask({ ...shape, numbers: `${folder}/numbers` });
      } finally {
        rmSync(folder, { recursive: true });
      }
      return { burst: (count) => ask({ count }) };
    },
    stop: () => child.kill(),
  };
}

/** The numbers of a workload one after another, and what it takes to tell them apart. */
function packed({ kind, loss, sizes, batch, n, a, b, weights, batches }) {
  if (kind === 'matmul') return { kind, n, arrays: [a, b] };
  const arrays = [...weights, ...batches.flatMap((inputs) => [inputs.a, inputs.b, inputs.labels])];
  return { kind, loss, sizes, batch, pool: batches.length, arrays };
}
