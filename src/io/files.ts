/**
 * @file Writes files whole or not at all. Node only; `process` is named in full, or bundlers for pages would bring one along.
 */
import { checkKind, wrong } from '../checks.js';
import { DataError } from '../errors.js';
import { nodeFiles } from '../source.js';

/** Tells the temporary files of one process apart. */
let written = 0;

/**
 * Writes a file through a temporary one beside it and a rename: readers see the old bytes or the new, never a part, and
 * so does whoever comes after a crash or a power cut. Temporary files that a killed process left beside it are removed.
 *
 * @param path - Where to.
 * @param bytes - What.
 * @throws `DataError` when it cannot be written; the old file, where there is one, is still there.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  checkKind('writeFileAtomically', 'path', path, 'string');
  if (typeof bytes !== 'string' && !(bytes instanceof Uint8Array)) {
    throw wrong('writeFileAtomically', 'bytes', 'text or a Uint8Array', bytes);
  }
  const { open, rename, rm } = await nodeFiles(path);
  const temporary = `${path}.${globalThis.process.pid}.${written++}.tmp`;
  try {
    await removeStale(path);
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      // The bytes are on the disk before the name is.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(partsOf(path).folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new DataError(path, `cannot be written (${(error as { code?: string }).code ?? String(error)})`);
  }
}

/** A path in two: its folder, and its name there. */
function partsOf(path: string): { folder: string; name: string } {
  const at = (globalThis.process.platform === 'win32' ? path.replaceAll('\\', '/') : path).lastIndexOf('/');
  return { folder: at < 0 ? '.' : path.slice(0, at) || '/', name: path.slice(at + 1) };
}

/** Removes the temporary files of processes that are no more. */
async function removeStale(path: string): Promise<void> {
  const { readdir, rm } = await nodeFiles(path);
  const { folder, name } = partsOf(path);
  for (const other of await readdir(folder)) {
    const end = other.startsWith(`${name}.`) ? other.slice(name.length + 1) : '';
    const [, writer] = /^(\d+)\.\d+\.tmp$/.exec(end) ?? [];
    if (writer !== undefined && !isAlive(Number(writer))) await rm(`${folder}/${other}`, { force: true });
  }
}

function isAlive(id: number): boolean {
  try {
    return globalThis.process.kill(id, 0);
  } catch (error) {
    // Another user's process is alive, too.
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** Brings a folder's names to the disk, where the system does that. */
async function syncFolder(folder: string): Promise<void> {
  const { open } = await nodeFiles(folder);
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
