import { setImmediate as turn } from 'node:timers/promises';
import { AlertStream, type Frame } from './alert-stream';

/** A source that never ends, in pages of 100 frames of a kilobyte. */
function endless() {
  const asked: bigint[] = [];
  return {
    asked,
    after: async (id: bigint): Promise<Frame[]> => {
      asked.push(id);
      return Array.from({ length: 100 }, (_, index) => {
        const next = id + BigInt(index) + 1n;
        return { id: next, text: `id: ${next}\ndata: ${'x'.repeat(1_000)}\n\n` };
      });
    },
  };
}

describe('alert stream', () => {
  it('asks for no more than a page ahead of a client that does not read', async () => {
    const source = endless();
    const stream = new AlertStream(source, 0n, 1_000);
    stream.read(0);
    for (let round = 0; round < 50; round += 1) {
      stream.news();
      await turn();
    }
    expect(source.asked).toEqual([0n]);
    expect(stream.readableLength).toBeLessThan(200_000);
    stream.destroy();
  });

  it('goes on where it was once the client reads again, without a gap or a repeat', async () => {
    const stream = new AlertStream(endless(), 0n, 1_000);
    const ids: number[] = [];
    for await (const chunk of stream) {
      ids.push(...Array.from(String(chunk).matchAll(/^id: (\d+)$/gm), ([, id]) => Number(id)));
      if (ids.length >= 1_000) break;
    }
    expect(ids).toEqual(ids.map((_, index) => index + 1));
  });

  it('cuts off who takes nothing for some heartbeats, and nobody else', async () => {
    const unread = new AlertStream(endless(), 0n, 1_000);
    unread.read(0);
    await turn();
    for (let beat = 0; beat < 4; beat += 1) unread.heartbeat();
    expect(unread.destroyed).toBe(true);

    const read = new AlertStream({ after: async () => [] }, 0n, 1_000);
    let text = '';
    read.on('data', (chunk: string) => (text += chunk));
    for (let beat = 0; beat < 10; beat += 1) {
      await turn();
      read.heartbeat();
    }
    await turn();
    expect(read.destroyed).toBe(false);
    expect(text.match(/: heartbeat/g)).toHaveLength(10);
    read.finish();
    await turn();
    expect(read.readableEnded).toBe(true);
  });

  it('sees what comes while it is looking', async () => {
    const frames: Frame[] = [];
    const stream: AlertStream = new AlertStream(
      {
        after: async (id) => {
          const found = frames.filter((frame) => frame.id > id);
          if (found.length === 0 && frames.length === 0) {
            // It was read before this one was there, and answered after the news of it.
            frames.push({ id: 1n, text: 'id: 1\n\n' });
            stream.news();
          }
          return found;
        },
      },
      0n,
      1_000,
    );
    let text = '';
    stream.on('data', (chunk: string) => (text += chunk));
    for (let round = 0; round < 10; round += 1) await turn();
    expect(text).toContain('id: 1\n');
    stream.destroy();
  });

  it('ends when its source fails, so that the client comes back', async () => {
    const stream = new AlertStream({ after: () => Promise.reject(new Error('away')) }, 0n, 1_000);
    stream.resume();
    for (let round = 0; round < 10; round += 1) await turn();
    expect(stream.destroyed).toBe(true);
  });
});
