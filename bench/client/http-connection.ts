import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  status: number;
  is_replayed: boolean;
  /** The time when the last byte came, as performance.now(). */
  body: Buffer;
}

type Listener = (answer: HttpAnswer | null) => void;

/**
 * One kept-alive connection with one request at a time. It knows just enough of HTTP/1.1 for the bank's answers: a general
 * client costs several times as much of the processor that the bank under test shares.
 */
export class HttpConnection {
  private socket: Socket | null = null;
  private received: Buffer = Buffer.alloc(0);
  private listener: Listener | null = null;

  constructor(private readonly url: URL) {}

  /** Sends a request; the listener gets null when the connection was lost before the answer had come. */
  send(request: string, listener: Listener): void {
    this.listener = listener;
    (this.socket ?? this.open()).write(request);
  }

  close(): void {
    this.socket?.destroy();
  }

  private open(): Socket {
    const socket = connect({ host: this.url.hostname, port: Number(this.url.port), noDelay: true });
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.socket = null;
      this.received = Buffer.alloc(0);
      this.finish(null);
    });
    this.socket = socket;
    return socket;
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headEnd = this.received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.received.toString('latin1', 0, headEnd).toLowerCase();
    const length = /\r\ncontent-length: (\d+)/.exec(head);
    if (!length) throw new Error('the answer does not say how long it is');
    const bodyStart = headEnd + 4;
    const bodyEnd = bodyStart + Number(length[1]);
    if (this.received.length < bodyEnd) return;
    const body = this.received.subarray(bodyStart, bodyEnd);
    this.received = this.received.subarray(bodyEnd);
    this.finish({
      status: Number(head.slice(9, 12)),
      is_replayed: head.includes('\r\nidempotency-replayed: true'),
      body,
    });
  }

  private finish(answer: HttpAnswer | null): void {
    const listener = this.listener;
    this.listener = null;
    listener?.(answer);
  }
}
