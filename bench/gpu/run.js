/** @file Runs the page in Chromium, once for each engine and backend, in one browser; prints a table of ratios. */
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
];
// Without a GPU, everything is rendered in software. CHROMIUM_GPU=1 keeps the real one.
const SOFTWARE = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--use-webgpu-adapter=swiftshader'];

const { output } = await build({
  root: import.meta.dirname,
  configFile: false,
  logLevel: 'error',
  build: {
    write: false,
    modulePreload: false,
    target: 'esnext',
    rolldownOptions: { input: `${import.meta.dirname}/page.js`, output: { entryFileNames: 'page.js' } },
  },
});
const scripts = new Map(output.flatMap((part) => (part.type === 'chunk' ? [[`/${part.fileName}`, part.code]] : [])));
const server = createServer((request, response) => {
  const script = scripts.get(request.url ?? '');
  response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
  response.end(
    script ?? '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
  );
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.env.CHROMIUM_GPU === '1' ? FLAGS : [...FLAGS, ...SOFTWARE],
});
const page = await browser.newPage();
page.on('pageerror', (error) => console.error(error.message));
await page.goto(`http://127.0.0.1:${server.address().port}/`);
await page.waitForFunction(() => 'contestants' in globalThis);
console.log(await page.evaluate(() => globalThis.adapter()));

const wanted = process.argv[2];
const workloads = (await page.evaluate(() => globalThis.workloads)).filter((name) => !wanted || name.includes(wanted));
for (const workload of workloads) {
  const results = await page.evaluate((name) => globalThis.race(name), workload);
  console.log(`\n${workload}`);
  const own = results.find(({ name }) => name === 'contragrad webgl2')?.median;
  for (const { name, median, rounds, refusal } of results) {
    const figure =
      refusal === undefined
        ? `${median.toFixed(2).padStart(10)} ms  ${(median / own).toFixed(2).padStart(6)} x contragrad webgl2  (median of ${rounds})`
        : `         -     ${refusal}`;
    console.log(`  ${name.padEnd(20)}${figure}`);
  }
}
await browser.close();
server.close();
