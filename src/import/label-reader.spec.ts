import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLabels, type FraudLabel } from './label-reader';

test('finds every pair, wherever the chunks end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'florin-labels-'));
  try {
    const expected: FraudLabel[] = Array.from({ length: 500 }, (_, index) => ({
      transactionId: String(7_475_327 + index * 7919),
      isFraud: index % 7 === 0,
    }));
    const pairs = Object.fromEntries(
      expected.map((label) => [label.transactionId, label.isFraud ? 'Yes' : 'No']),
    );
    const path = join(folder, 'labels.json');
    for (const spaces of [0, 2]) {
      await writeFile(path, JSON.stringify({ target: pairs }, null, spaces));
      for (const chunkBytes of [1, 7, 33, 4096, 1_000_000]) {
        const found: FraudLabel[] = [];
        for await (const block of readLabels(path, chunkBytes)) found.push(...block.labels);
        expect(found).toEqual(expected);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
