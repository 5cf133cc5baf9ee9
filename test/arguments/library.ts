/** @file The library as the calls of the table see it. */
import * as data from '../../src/data/index.js';
import { gpu } from '../../src/devices/gpu/index.js';
import * as explain from '../../src/explain/index.js';
import * as core from '../../src/index.js';
import * as io from '../../src/io/index.js';
import * as testing from '../../src/testing/index.js';

/** Every name that a call may use. */
export const LIBRARY: Readonly<Record<string, unknown>> = { ...core, data, explain, gpu, io, testing };

/** How a file next to this one imports them. */
export const IMPORTS: string = [
  `import { ${Object.keys(core).join(', ')} } from '../../src/index.js';`,
  `import { gpu } from '../../src/devices/gpu/index.js';`,
  ...['data', 'explain', 'io', 'testing'].map((name) => `import * as ${name} from '../../src/${name}/index.js';`),
].join(' ');

/** The entries of the package, and what the calls of the table put before their names. */
export const ENTRIES: Readonly<Record<string, string>> = {
  'src/index.ts': '',
  'src/data/index.ts': 'data.',
  'src/io/index.ts': 'io.',
  'src/explain/index.ts': 'explain.',
  'src/testing/index.ts': 'testing.',
  'src/devices/gpu/index.ts': '',
};
