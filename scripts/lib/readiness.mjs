import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, checkInterrupt } from './failure.mjs';

const READY_WITHIN_MS = 180_000;
const ASK_EVERY_MS = 150;
const ANSWER_WITHIN_MS = 5_000;

const ANYWHERE = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where a browser on this machine finds an API that listens on `host`. */
export function apiUrl(host, port) {
  const name = ANYWHERE[host] ?? host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    const text = await response.text();
    return { ready: response.ok, said: response.ok ? '' : text.replaceAll(/\s+/g, ' ').slice(0, 200) };
  } catch {
    return { ready: false, said: '' };
  }
}

/**
 * Waits until the API says that it is ready for requests.
 * @param {{ running: { running: () => boolean }, signal: AbortSignal, note: (text: string) => void,
 *   explain: () => Promise<string> }} options explain: a sentence for the case that the API ends instead
 */
export async function waitUntilReady(url, { running, signal, note, explain }) {
  const untilMs = Date.now() + READY_WITHIN_MS;
  let said = '';
  while (Date.now() < untilMs) {
    checkInterrupt(signal);
    if (!running.running()) throw new Failure(await explain());
    const answer = await ask(`${url}/health/ready`);
    if (answer.ready) {
      note(null);
      return;
    }
    said = answer.said;
    note(said);
    await sleep(ASK_EVERY_MS);
  }
  throw new Failure(`The API did not become ready within ${READY_WITHIN_MS / 1000} s.`, {
    lines: said ? [said] : [],
  });
}
