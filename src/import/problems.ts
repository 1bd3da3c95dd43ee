import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';

export interface Problem {
  file: string;
  /** 0: not a line's. */
  line: number;
  reason: string;
}

const SHOWN_MAX = 20;

/** What could not be loaded: the first few for the screen, all of them in a file that is made when the first one comes. */
export class Problems {
  readonly shown: Problem[] = [];
  count = 0;
  private stream: WriteStream | null = null;

  /** `path` of the full list, whether or not it was written. */
  constructor(readonly path: string) {}

  static in(directory: string, startedAt: Date): Problems {
    const stamp = startedAt.toISOString().replace(/[:.]/g, '-');
    return new Problems(join(directory, `import-problems-${stamp}.csv`));
  }

  readonly add = (file: string, line: number, reason: string): void => {
    this.count += 1;
    if (this.shown.length < SHOWN_MAX) this.shown.push({ file, line, reason });
    this.stream ??= openList(this.path);
    this.stream.write(`${[file, String(line), reason].map(csvField).join(',')}\n`);
  };

  /** Resolves when the list is on disk. */
  async close(): Promise<void> {
    if (!this.stream) return;
    this.stream.end();
    await finished(this.stream);
  }
}

function openList(path: string): WriteStream {
  mkdirSync(join(path, '..'), { recursive: true });
  const stream = createWriteStream(path, { mode: 0o600 });
  stream.write('file,line,reason\n');
  return stream;
}

/** A field that begins like a formula gets an apostrophe, so that a spreadsheet shows it instead of running it. */
function csvField(value: string): string {
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
