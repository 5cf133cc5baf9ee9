/** @file Builds the loss lab as one HTML file, with scripts, styles and fonts inside, to hand out and open from disk. */
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { build, type Plugin } from 'vite';
import { viteSingleFile } from 'vite-plugin-singlefile';

/** KaTeX names each font in three formats; every browser that runs the lab reads the first. */
const firstFontFormat: Plugin = {
  name: 'first-font-format',
  enforce: 'pre',
  transform: (code, id) =>
    id.endsWith('katex.min.css') ? code.replaceAll(/,url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)/g, '') : undefined,
};

/** Writes `loss-lab.html` into a folder. */
export async function buildOfflineLab(outDir: string): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('.', import.meta.url)),
    logLevel: 'error',
    plugins: [firstFontFormat, vue(), viteSingleFile()],
    build: {
      outDir,
      emptyOutDir: false,
      rolldownOptions: { input: fileURLToPath(new URL('loss-lab.html', import.meta.url)) },
    },
  });
}
