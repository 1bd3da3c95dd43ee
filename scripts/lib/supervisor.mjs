import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './failure.mjs';

const HEALTHY_AFTER_MS = 60_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

function howItEnded({ code, signal, error }) {
  if (error) return error.message;
  return signal ? `signal ${signal}` : `exit code ${code}`;
}

/**
 * Stops services in order, and keeps them running until then: one that dies is started again, after a pause that grows
 * while it keeps dying.
 */
export class Supervisor {
  #services = [];
  #ending = new AbortController();
  #giveUp;

  /** @param {{ print: (line: string) => void }} progress */
  constructor(progress) {
    this.progress = progress;
    /** Resolves with the reason when a service could not be kept running. */
    this.gaveUp = new Promise((resolve) => (this.#giveUp = resolve));
  }

  /** Aborted when everything is about to stop; starts that are under way must then end. */
  get ending() {
    return this.#ending.signal;
  }

  /**
   * Takes charge of stopping a service.
   * @param {object} running the process as it was started
   * @param {{ name: string, restart: () => Promise<object>, mayFail: number }} service restart brings it up again and
   *   returns the new process; mayFail: how often in a row before the bank closes
   * @returns {{ keep: () => void }} keep: from now on it is started again when it dies
   */
  add(running, service) {
    const added = { ...service, running, startedMs: Date.now(), failures: 0, loop: Promise.resolve() };
    this.#services.push(added);
    return {
      keep: () => {
        added.loop = this.#keep(added);
      },
    };
  }

  async #keep(service) {
    while (!this.ending.aborted) {
      const outcome = await service.running.exited;
      if (this.ending.aborted) return;
      if (Date.now() - service.startedMs > HEALTHY_AFTER_MS) service.failures = 0;
      await this.#bringBack(service, howItEnded(outcome));
    }
  }

  async #bringBack(service, why) {
    service.failures += 1;
    if (service.failures > service.mayFail) {
      this.#giveUp(
        new Failure(
          `${service.name} stopped again (${why}), ${service.failures} times in a row, so the bank closes.`,
        ),
      );
      await new Promise((resolve) => this.ending.addEventListener('abort', resolve, { once: true }));
      return;
    }
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (service.failures - 1), LONGEST_DELAY_MS);
    this.progress.print(`${service.name} stopped (${why}). It is started again in ${delayMs / 1000} s.`);
    await sleep(delayMs, null, { signal: this.ending }).catch(() => {});
    if (this.ending.aborted) return;
    try {
      service.running = await service.restart();
      service.startedMs = Date.now();
      this.progress.print(`${service.name} runs again.`);
    } catch (error) {
      if (!this.ending.aborted) await this.#bringBack(service, error.message);
    }
  }

  /** Stops all services, the last one that was added first, each within its own bound. */
  async stopAll() {
    this.#ending.abort();
    for (const service of this.#services.reverse()) {
      await this.progress.step(`Stopping ${service.name}`, async (note) => {
        const gentle = await service.running.stop();
        await service.loop;
        // A restart that was under way when the end came has left a new process.
        await service.running.stop();
        if (!gentle) note('it did not stop in time and was ended');
      });
    }
    this.#services = [];
  }
}
