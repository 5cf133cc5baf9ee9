/** @file Writes files whole or not at all. Node only. */

/**
 * Writes a file through a temporary one beside it and a rename: readers see the old bytes or the new, never a part.
 *
 * @param path - Where to.
 * @param bytes - What.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const { rename, rm, writeFile } = await import('node:fs/promises');
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
