import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkInterrupt } from './failure.mjs';
import { isSameProcess, processMark } from './process-identity.mjs';

function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Takes a lock file, which is ours as long as this process lives: the lock of a process that was killed does not count.
 * @returns {{ release: () => void } | { holder: { pid: number } }}
 */
export function tryLock(path) {
  const mine = { pid: process.pid, mark: processMark(process.pid) };
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      try {
        // A link appears complete or not at all, so that nobody ever reads half a lock.
        linkSync(draft, path);
        return { release: () => release(path) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder && isSameProcess(holder.pid, holder.mark)) return { holder };
      discardStale(path, holder);
    }
    return { holder: readHolder(path) ?? { pid: 0 } };
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moves a dead lock aside. When somebody else was faster and it is a living one by now, that one goes back. */
function discardStale(path, expected) {
  const aside = `${path}.stale.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = readHolder(aside);
  if (moved && moved.pid !== expected?.pid && isSameProcess(moved.pid, moved.mark)) {
    renameSync(aside, path);
  } else {
    rmSync(aside, { force: true });
  }
}

function release(path) {
  if (readHolder(path)?.pid === process.pid) rmSync(path, { force: true });
}

/** Waits for a lock, does the work, gives the lock back. `onWait` hears once who holds it. */
export async function withLock(path, { signal, onWait }, work) {
  let told = false;
  for (;;) {
    const lock = tryLock(path);
    if (lock.release) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (!told) onWait?.(lock.holder);
    told = true;
    await sleep(250);
    checkInterrupt(signal);
  }
}
