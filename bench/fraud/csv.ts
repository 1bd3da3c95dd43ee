import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The names of the columns of a CSV file, plain or .gz. */
export async function headerOf(file: string): Promise<string[]> {
  for await (const fields of linesOf(file)) return fields;
  return [];
}

/**
 * The rows of a CSV file of plain fields, as the public sets are: no quotes, no commas within a field.
 * @throws Error with the line's number when a row has more or fewer fields than the header
 */
export async function* rowsOf(file: string): AsyncGenerator<string[]> {
  let width = 0;
  let line = 0;
  for await (const fields of linesOf(file)) {
    line += 1;
    if (line === 1) width = fields.length;
    else if (fields.length !== width)
      throw new Error(`${file}:${line} has ${fields.length} fields, not ${width}`);
    else yield fields;
  }
}

async function* linesOf(file: string): AsyncGenerator<string[]> {
  const bytes = createReadStream(file);
  const unzipped = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  // An error while reading would otherwise be the stream's own and end the process.
  bytes.on('error', (error) => unzipped.destroy(error));
  try {
    for await (const line of createInterface({ input: unzipped as Readable, crlfDelay: Infinity })) {
      if (line !== '') yield line.split(',');
    }
  } finally {
    bytes.destroy();
  }
}
