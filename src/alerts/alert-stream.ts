import { Readable } from 'node:stream';

/** A server-sent event, ready to be written. */
export interface Frame {
  id: bigint;
  text: string;
}

/** Where a stream gets its events from. */
export interface FrameSource {
  /** Events behind `id`, oldest first, a page at most. */
  after(id: bigint): Promise<Frame[]>;
}

/** How many heartbeats a client may leave unread. */
const MAX_UNREAD_HEARTBEATS = 4;

/**
 * One client's feed. It asks for events only when the client has taken the ones before, so a slow client costs a page of memory
 * and no more; one that reads nothing at all for some heartbeats is cut off, and can resume by its last event.
 */
export class AlertStream extends Readable {
  /** Whether the client has taken everything and waits. */
  private isHungry = false;
  private isFilling = false;
  private hasNews = false;
  private unread = 0;

  constructor(
    private readonly source: FrameSource,
    private position: bigint,
    retryMs: number,
  ) {
    super({ encoding: 'utf8' });
    this.push(`retry: ${retryMs}\n\n`);
  }

  override _read(): void {
    this.isHungry = true;
    this.unread = 0;
    void this.fill();
  }

  /** There may be new events. */
  news(): void {
    this.hasNews = true;
    void this.fill();
  }

  heartbeat(): void {
    if (this.isHungry && !this.isFilling) {
      this.isHungry = false;
      this.push(': heartbeat\n\n');
      return;
    }
    this.unread += 1;
    if (this.unread >= MAX_UNREAD_HEARTBEATS) this.destroy();
  }

  /** Ends in order what the client has taken; what it has not would keep the server from stopping. */
  finish(): void {
    if (this.destroyed || this.readableEnded) return;
    if (this.isHungry) {
      this.isHungry = false;
      this.push(null);
    } else this.destroy();
  }

  private async fill(): Promise<void> {
    if (this.isFilling) return;
    this.isFilling = true;
    try {
      while (this.isHungry && !this.destroyed) {
        this.hasNews = false;
        const frames = await this.source.after(this.position);
        const last = frames.at(-1);
        if (last && this.isHungry) {
          this.position = last.id;
          this.isHungry = false;
          this.push(frames.map((frame) => frame.text).join(''));
        } else if (!this.hasNews) break;
      }
    } catch {
      // The client comes back and goes on behind its last event.
      this.finish();
    } finally {
      this.isFilling = false;
    }
  }
}
