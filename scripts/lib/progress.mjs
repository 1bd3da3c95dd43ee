const QUIET_MS = 2_000;
const PLAIN_LINE_EVERY_MS = 10_000;
const TICK_MS = 500;

function seconds(sinceMs) {
  return `${((Date.now() - sinceMs) / 1000).toFixed(1)} s`;
}

/**
 * Shows what is going on. A terminal gets one line that ticks; a log file gets a plain line after two seconds and then
 * every ten, so that nobody wonders whether it hangs and the log stays short.
 */
export class Progress {
  /** @param {NodeJS.WriteStream} stream where to write; commands whose output is data write to stderr
   *  @param {{ quiet?: boolean }} [options] quiet: a step shows itself only once it takes longer than two seconds */
  constructor(stream = process.stdout, { quiet = false } = {}) {
    this.stream = stream;
    this.quiet = quiet;
    this.live = Boolean(stream.isTTY) && !process.env.CI;
    this.current = null;
    // The terminal may be gone (SIGHUP) while we still have servers to stop: that must go on.
    stream.on?.('error', () => {});
  }

  /** Prints a line of text, above the ticking line if there is one. */
  print(text = '') {
    this.#clear();
    this.stream.write(`${text}\n`);
    if (this.current?.shown) this.#tick();
  }

  /** Replaces the remark behind the running step, such as the last thing that npm said; null takes it away. */
  note(text) {
    if (this.current && (text === null || text.trim())) this.current.remark = text ?? '';
  }

  /**
   * Runs a step and shows how long it takes.
   * @template T
   * @param {string} title what is being done, as "Installing the dependencies"
   * @param {(note: (text: string) => void) => Promise<T>} work
   * @returns {Promise<T>} what the work returns
   */
  async step(title, work) {
    const step = { title, startedMs: Date.now(), remark: '', shown: false, lastPlainMs: 0 };
    this.current = step;
    const timer = setInterval(() => this.#tick(), TICK_MS);
    let ending = 'failed';
    try {
      const result = await work((text) => this.note(text));
      ending = 'ok';
      return result;
    } finally {
      clearInterval(timer);
      this.#clear();
      this.current = null;
      const remark = ending === 'ok' && step.remark ? `: ${step.remark}` : '';
      const tell = !this.quiet || step.shown || ending === 'failed';
      if (tell) this.stream.write(`${ending.padEnd(6)} ${title}${remark} (${seconds(step.startedMs)})\n`);
    }
  }

  #tick() {
    const step = this.current;
    if (!step || Date.now() - step.startedMs < QUIET_MS) return;
    step.shown = true;
    const line = `...    ${step.title}, ${seconds(step.startedMs)}${step.remark ? `: ${step.remark}` : ''}`;
    if (this.live) {
      this.stream.write(`\r\x1b[2K${line.slice(0, (this.stream.columns || 80) - 1)}`);
    } else if (Date.now() - step.lastPlainMs >= PLAIN_LINE_EVERY_MS) {
      step.lastPlainMs = Date.now();
      this.stream.write(`${line}\n`);
    }
  }

  #clear() {
    if (this.live && this.current?.shown) this.stream.write('\r\x1b[2K');
  }
}
