/**
 * @file Builds the page of a run's report: one HTML file with script, styles and the licences of what is bundled, into
 * which the command puts data. Its policy lets only this script run, and lets nothing be fetched.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

const ROOT = 'src/cli/report/page';
const OUT = 'dist/cli/report';

/** The folders of the packages whose modules are in the bundle. */
function packagesOf(output) {
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  const folders = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/** Names and copyright lines of packages, grouped by the terms that they share. */
function licencesOf(folders) {
  const byTerms = new Map();
  for (const folder of folders) {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no licence file`);
    const lines = readFileSync(join(folder, file), 'utf8').trim().split('\n');
    const isCopyright = (line) => /^copyright /i.test(line.trim());
    const terms = lines
      .filter((line) => !isCopyright(line))
      .join('\n')
      .trim();
    // The same terms are broken into lines in different ways.
    const key = terms.replaceAll(/\s+/g, ' ');
    const group = byTerms.get(key) ?? { terms, packages: [] };
    group.packages.push(
      `${name} ${version}: ${lines
        .filter(isCopyright)
        .map((line) => line.trim())
        .join('; ')}`,
    );
    byTerms.set(key, group);
  }
  return [...byTerms.values()].map(({ terms, packages }) => `${packages.join('\n')}\n\n${terms}`).join('\n\n\n');
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

let output;
const built = await build({
  configFile: false,
  root: ROOT,
  logLevel: 'error',
  plugins: [
    {
      name: 'what-is-bundled',
      enforce: 'pre',
      generateBundle: (_, bundle) => {
        output = Object.values(bundle);
      },
    },
    viteSingleFile(),
  ],
  build: { write: false, modulePreload: false, rolldownOptions: { input: join(ROOT, 'index.html') } },
});
const html = String(built.output.find(({ fileName }) => fileName.endsWith('.html')).source);
const [, script] = /<script type="module"[^>]*>([\s\S]*?)<\/script>/.exec(html) ?? [];
if (script === undefined || html.split('<script').length !== 2) throw new Error('the page must have one script');
const hash = createHash('sha256').update(script).digest('base64');
const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
const licences = licencesOf(packagesOf(output));
const page = html
  .replace(
    '<meta charset="utf-8" />',
    () => `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
  )
  .replace(
    '</main>',
    () =>
      `</main>\n    <script type="application/json" id="data">null</script>\n    <footer><details><summary>Licences of the libraries in this page</summary><pre tabindex="0" aria-label="licences">${escaped(licences)}</pre></details></footer>`,
  );
mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, 'template.html'), page);
if (process.argv.includes('--sizes')) {
  console.log(`report: ${page.length} bytes, ${gzipSync(page).length} gzipped; licences ${licences.length} bytes`);
}
