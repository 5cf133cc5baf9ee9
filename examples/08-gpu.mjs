/**
 * @file The same step on a GPU device. In Node it runs on gpu.js's WebAssembly; in a page leave the mode out, and it takes
 * WebGPU or WebGL2.
 *
 * Needs gpu.js (`npm install gpu.js --ignore-scripts`). Run it with `node examples/08-gpu.mjs`.
 */
import { cpu, Generator, infoNCELoss, nn, optim, randn, scope } from 'contragrad';
import { gpu } from 'contragrad/gpu';

const device = await gpu({ mode: 'webasm' });
console.log(`asked for ${device.info.requested}, runs on ${device.info.backend}\n`);

/** The losses of some steps on a device. */
async function train(where) {
  const generator = new Generator(0);
  const encoder = new nn.Sequential(
    new nn.Linear(32, 32, { generator }),
    new nn.ReLU(),
    new nn.Linear(32, 8, { generator }),
  ).to(where);
  const optimizer = new optim.Adam(encoder.parameters(), { lr: 1e-2 });
  const losses = [];
  for (let step = 0; step < 20; step++) {
    // A scope frees what a step made on the device, but for what it returns and what is trained.
    const loss = scope(() => {
      const x = randn([32, 32], { generator, device: where });
      const views = [x, x.add(randn([32, 32], { generator, device: where }).mul(0.3))];
      const value = infoNCELoss(...views.map((view) => encoder.forward(view)));
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
      return value;
    });
    // Numbers of a GPU may be on their way still: data() waits for them.
    losses.push((await loss.data())[0]);
  }
  return losses;
}

const [here, there] = [await train(cpu), await train(device)];
console.log('step    on the CPU   on the device');
for (const step of [0, 9, 19]) {
  console.log(
    `${String(step).padStart(4)}  ${here[step].toFixed(5).padStart(12)}${there[step].toFixed(5).padStart(16)}`,
  );
}
const apart = Math.max(...here.map((loss, i) => Math.abs(loss - there[i]) / loss));
console.log(`\nthe same to 1 in 1,000: ${apart < 1e-3}`);
await device.destroy();
