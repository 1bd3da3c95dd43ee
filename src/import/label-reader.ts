import { createReadStream } from 'node:fs';

export interface FraudLabel {
  transactionId: string;
  isFraud: boolean;
}

export interface LabelBlock {
  labels: FraudLabel[];
  bytes: number;
}

const PAIR = /"(\d{1,18})"\s*:\s*"(Yes|No)"/gi;
/** Longer than any pair, so that one which a chunk cuts in two is whole again with the next. */
const OVERLAP = 128;

/**
 * Streams the pairs of `{"target": {"7475327": "No", …}}`. The set has about nine million of them in one object, more than
 * JSON.parse should hold at once, and nothing but flat pairs of strings, so a pattern over the stream reads them all.
 */
export async function* readLabels(path: string, chunkBytes = 256 * 1024): AsyncGenerator<LabelBlock> {
  const stream = createReadStream(path, { encoding: 'utf8', highWaterMark: chunkBytes });
  let rest = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const text = rest + chunk;
    const labels: FraudLabel[] = [];
    let end = 0;
    for (const match of text.matchAll(PAIR)) {
      labels.push({ transactionId: match[1] ?? '', isFraud: match[2]?.toLowerCase() === 'yes' });
      end = match.index + match[0].length;
    }
    rest = text.slice(Math.max(end, text.length - OVERLAP));
    yield { labels, bytes: stream.bytesRead };
  }
}
