export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const BAR_WIDTH = 24;
const BAR_WIDTH_LEAST = 4;
const TICK_MS = 200;
const PLAIN_LINE_EVERY_MS = 5_000;

/** A bar with rate and time left on a terminal, a plain line every few seconds elsewhere. */
export class ProgressBar {
  private title = '';
  private totalBytes = 0;
  private startedAt = 0;
  private lastShownAt = 0;
  private isLineOpen = false;
  private rows = 0;
  private bytes = 0;
  private skippedRows = 0;
  private skippedBytes = 0;
  private workStartedAt = 0;

  constructor(
    private readonly stream: ProgressStream,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** `totalBytes` of all that is to be read in this step. */
  start(title: string, totalBytes: number): void {
    this.title = title;
    this.totalBytes = totalBytes;
    this.startedAt = this.now();
    this.lastShownAt = this.startedAt;
    this.rows = 0;
    this.bytes = 0;
    this.skippedRows = 0;
    this.skippedBytes = 0;
    this.workStartedAt = this.startedAt;
    if (this.stream.isTTY) this.draw();
  }

  /** The first `rows` were only passed over: rate and time left are those of what comes now. */
  skip(rows: number, bytes: number): void {
    this.skippedRows = rows;
    this.skippedBytes = bytes;
    this.workStartedAt = this.now();
    this.update(rows, bytes);
  }

  update(rows: number, bytes: number): void {
    this.rows = rows;
    this.bytes = bytes;
    const every = this.stream.isTTY ? TICK_MS : PLAIN_LINE_EVERY_MS;
    if (this.now() - this.lastShownAt < every) return;
    this.lastShownAt = this.now();
    this.draw();
  }

  /** Ends the step with a line that says what it came to. */
  finish(result: string): void {
    this.clear();
    this.stream.write(`${this.title}: ${result} (${duration(this.now() - this.startedAt)})\n`);
  }

  /** A line of text above the bar. */
  print(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
  }

  private draw(): void {
    const line = this.line();
    if (this.stream.isTTY) {
      this.stream.write(`\r\u001b[2K${line.slice(0, (this.stream.columns ?? 100) - 1)}`);
      this.isLineOpen = true;
    } else {
      this.stream.write(`${line}\n`);
    }
  }

  private clear(): void {
    if (this.isLineOpen) this.stream.write('\r\u001b[2K');
    this.isLineOpen = false;
  }

  private line(): string {
    const elapsedMs = this.now() - this.workStartedAt;
    const share = this.totalBytes > 0 ? Math.min(1, this.bytes / this.totalBytes) : 0;
    const rate = elapsedMs > 0 ? Math.round(((this.rows - this.skippedRows) * 1000) / elapsedMs) : 0;
    const workedBytes = this.bytes - this.skippedBytes;
    const leftMs = workedBytes > 0 ? (elapsedMs * (this.totalBytes - this.bytes)) / workedBytes : null;
    const figures = [
      `${Math.floor(share * 100)} %`,
      `${grouped(this.rows)} rows`,
      `${grouped(rate)} rows/s`,
      leftMs === null ? 'time left unknown' : `${duration(leftMs)} left`,
    ].join(', ');
    return `${this.title} ${this.bar(share, this.title.length + figures.length)}${figures}`;
  }

  /** As wide as the terminal leaves room for; none when that is very little. */
  private bar(share: number, textLength: number): string {
    const room = this.stream.isTTY ? (this.stream.columns ?? 100) - textLength - 5 : BAR_WIDTH;
    const width = Math.min(BAR_WIDTH, room);
    if (width < BAR_WIDTH_LEAST) return '';
    const filled = Math.round(share * width);
    return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}] `;
  }
}

/** 13305915 is "13,305,915". */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** "1 h 02 min", "3 min 05 s", "7.4 s". */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return minutes < 60
    ? `${minutes} min ${two(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
