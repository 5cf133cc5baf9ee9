/** @file What stands between cells is found in short tables, too: the end of the last line is no row of one cell. */
import { expect, test } from 'vitest';
import { parseTable } from '../../src/data/index.js';

test.each([',', '\t', ';'])('two columns with %j between them', (between) => {
  for (const rows of [1, 2, 5, 9, 40]) {
    for (const end of ['', '\n', '\r\n', '\n\n\n']) {
      const lines = Array.from({ length: rows }, (_, row) => `${row}.5${between}${row % 2 ? 'cat' : 'dog'}`);
      const { count, size, featureNames } = parseTable(['x;kind'.replace(';', between), ...lines].join('\n') + end);
      expect([count, size, featureNames]).toEqual([rows, 1, ['x']]);
    }
  }
});
