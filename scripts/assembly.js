/**
 * @file Compiles the kernels in src/devices/cpu/assembly to WebAssembly and writes them, as text, to the module that
 * embeds them. `node scripts/assembly.js --sizes` prints how large they are.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import asc from 'assemblyscript/asc';

// Not -O3: it merges the loops that differ in their function only, and computes every function in each.
const FLAGS = ['-O2', '--converge', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--disableWarning', '112'];

let binary;
const { error, stderr } = await asc.main(['src/devices/cpu/assembly/index.ts', ...FLAGS, '--outFile', 'out.wasm'], {
  writeFile: (name, contents) => {
    if (name === 'out.wasm') binary = contents;
  },
});
if (error) {
  console.error(stderr.toString());
  throw error;
}
/** A character that stands for itself in a string between double quotes: 92 would be the backslash. */
const character = (value) => String.fromCharCode(value + 35 === 92 ? 33 : value + 35);
// The bytes that come most often are one character each, and gzip finds what repeats: 10 % less than as hexadecimal
// digits, 25 % less than in base64.
const text = Array.from(binary, (byte) => {
  const value = (byte + 3) % 256;
  return value < 91 ? character(value) : value < 182 ? `~${character(value - 91)}` : ` ${character(value - 182)}`;
}).join('');
mkdirSync('src/devices/cpu/generated', { recursive: true });
writeFileSync(
  'src/devices/cpu/generated/binary.ts',
  `/** @file Written by scripts/assembly.js: the kernels. */

/** A WebAssembly module, one or two characters a byte: see scripts/assembly.js. */
export const binary: string = "${text}";
`,
);
if (process.argv.includes('--sizes')) {
  console.log(`kernels: ${binary.length} bytes, ${gzipSync(text, { level: 9 }).length} gzipped as text`);
}
