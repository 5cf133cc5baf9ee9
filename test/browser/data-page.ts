/** @file Loads data in a page, from what a page has: files, blobs, addresses and bytes. */
import {
  type Dataset,
  imagesFromFiles,
  loadDataset,
  loadIdx,
  loadNpy,
  loadTable,
  parseImage,
} from '../../src/data/index.js';

/** What a loader made, as plain lists. */
type Plain = { features: number[]; shape: readonly number[] | undefined; labels: number[]; classes: readonly string[] };

const plain = ({ features, shape, labels, classes }: Dataset): Plain => ({
  features: [...features],
  shape,
  labels: [...labels],
  classes,
});

/** Files by their names. */
type Files = Record<string, number[]>;

Object.assign(globalThis, {
  /** Reads every file by its kind; gives what came of it, or the error's message. */
  async readAll(files: Files): Promise<Record<string, Plain | string>> {
    const results: Record<string, Plain | string> = {};
    const attempt = async (name: string, work: Promise<Dataset>): Promise<void> => {
      results[name] = await work.then(plain, (error: Error & { code?: string }) => `${error.code}: ${error.message}`);
    };
    for (const [name, list] of Object.entries(files)) {
      const bytes = Uint8Array.from(list);
      const file = new File([bytes], name);
      const address = URL.createObjectURL(file);
      if (name.includes('csv')) {
        await attempt(name, loadTable(file));
        await attempt(`${name} by address`, loadTable(new URL(address)));
        await attempt(`${name} by text`, loadTable(address));
      } else if (name.includes('idx')) await attempt(name, loadIdx(file));
      else if (name.includes('npy')) await attempt(name, loadNpy(file));
      else {
        await attempt(name, imagesFromFiles([file]));
        await attempt(`${name} as bytes`, parseImage(bytes));
      }
      await attempt(`${name} as it is`, loadDataset(file));
      URL.revokeObjectURL(address);
    }
    return results;
  },
  /** The scripts that were fetched so far. */
  scripts: () => performance.getEntriesByType('resource').map(({ name }) => name),
});
