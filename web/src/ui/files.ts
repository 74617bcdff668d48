/* The files of a drop, those inside folders too. */
async function ofEntry(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    /* a reader hands out a folder in portions and ends with an empty one */
    const portion = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (!portion.length) return files;
    for (const inner of portion) files.push(...(await ofEntry(inner)));
  }
}

export async function filesOf(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((e) => e !== null);
  if (!entries.length) return [...transfer.files];
  return (await Promise.all(entries.map(ofEntry))).flat();
}
