import { test } from 'vitest';
import { nn, zeros, optim, randn, compile, unfold, fold, tensor, arange } from '../../src/index.js';
test('x', () => {
  const x = arange(2*1*4*5, {dtype:'float32'}).reshape([2,1,4,5]);
  const u = unfold(x, {kernelSize: [2,3], stride: [2,1], padding: [1,0]});
  console.log(u.shape, fold(unfold(x.mul(0).add(1), {kernelSize: [2,3], stride: [2,1], padding: [1,0]}), {outputSize: [4,5], kernelSize: [2,3], stride: [2,1], padding: [1,0]}).slice({ends:[1,1,9,9]}).toArray());
  const e = nn.fromConfig([{ type: 'Conv2d', outChannels: 16, kernelSize: 3, padding: 1 }, { type: 'BatchNorm2d' }, { type: 'ReLU' }, {type:'MaxPool2d', kernelSize: 2}, { type: 'Conv2d', outChannels: 32, kernelSize: 3, padding: 1 }, { type: 'ReLU' }, {type:'MaxPool2d', kernelSize: 2}, {type:'Flatten'}, { type: 'Linear', outFeatures: 16 }], { input: [1, 28,28] });
  console.log(nn.summary(e, [1,28,28]));
  const o = new optim.Adam(e.parameters());
  const raw = (x: ReturnType<typeof zeros>) => { const l = e.forward(x).square().mean(); o.zeroGrad(); l.backward(); o.step(); return l; };
  const step = compile(raw);
  const b = randn([64,1,28,28]);
  for (const [n, s] of [['eager', raw], ['compiled', step]] as const) { s(b); const t = performance.now(); for (let i=0;i<5;i++) s(b); console.log(n, (performance.now()-t)/5, 'ms'); }
  console.log(step.plan!.executor, step.plan!.bytes/1e6, String(step.plan));
});
