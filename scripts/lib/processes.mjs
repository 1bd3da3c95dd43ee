import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { Failure, Interrupted } from './failure.mjs';
import { ROOT } from './paths.mjs';
import { isSameProcess, processMark } from './process-identity.mjs';

// What went wrong stands at the beginning with some programs and at the end with others.
const FIRST_LINES = 20;
const LAST_LINES = 30;

/**
 * Starts a program in a process group of its own, so that the terminal's Ctrl-C reaches us alone and we decide in which
 * order things stop, and so that a signal to the group reaches what the program itself started.
 * @returns {{ name: string, pid: number, mark: string | null, child: import('node:child_process').ChildProcess,
 *   exited: Promise<{ code: number | null, signal: string | null, error?: Error }>, running: () => boolean }}
 */
export function startProcess(name, command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    ...options,
    detached: true,
  });
  let ended = false;
  const exited = new Promise((resolve) => {
    const end = (outcome) => {
      ended = true;
      resolve(outcome);
    };
    child.once('error', (error) => end({ code: null, signal: null, error }));
    child.once('exit', (code, signal) => end({ code, signal }));
  });
  return { name, pid: child.pid, mark: processMark(child.pid), child, exited, running: () => !ended };
}

/** Sends a signal to a whole process group; one that is already gone is fine. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH' && error.code !== 'EPERM') throw error;
  }
}

/**
 * Asks a process to end, and after `graceMs` no longer asks.
 * @returns {Promise<boolean>} whether it ended by itself
 */
export async function stopProcess(running, { graceMs, signal = 'SIGTERM' }) {
  if (!running) return true;
  let gentle = true;
  if (running.running()) {
    signalGroup(running.pid, signal);
    const timer = new AbortController();
    gentle = await Promise.race([
      running.exited.then(() => true),
      sleep(graceMs, false, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
  }
  // Also for a group whose first process has ended: a grandchild of it may have stayed.
  if (running.pid) signalGroup(running.pid, 'SIGKILL');
  await running.exited;
  return gentle;
}

/**
 * Ends a process that is not our child: one that an earlier, killed start left behind. Does nothing when the id now
 * belongs to somebody else.
 */
export async function stopLeftover({ pid, mark }, graceMs) {
  if (!isSameProcess(pid, mark)) return false;
  signalGroup(pid, 'SIGTERM');
  const untilMs = Date.now() + graceMs;
  while (isSameProcess(pid, mark) && Date.now() < untilMs) await sleep(100);
  if (isSameProcess(pid, mark)) signalGroup(pid, 'SIGKILL');
  while (isSameProcess(pid, mark)) await sleep(50);
  return true;
}

function collectLines(child, { onLine, onErrorLine }) {
  const kept = [];
  let left = 0;
  const keep = (line) => {
    kept.push(line);
    if (kept.length <= FIRST_LINES + LAST_LINES) return;
    kept.splice(FIRST_LINES, 1);
    left += 1;
  };
  const lines = () => (left > 0 ? kept.toSpliced(FIRST_LINES, 0, `[${left} lines left out]`) : kept);
  const readers = [
    [child.stdout, onLine],
    [child.stderr, onErrorLine ?? onLine],
  ].map(([stream, tell]) => {
    const reader = createInterface({ input: stream });
    reader.on('line', (coloured) => {
      const line = stripVTControlCharacters(coloured);
      keep(line);
      tell?.(line.trimEnd());
    });
    return new Promise((resolve) => reader.once('close', resolve));
  });
  return { lines, done: Promise.all(readers) };
}

/**
 * Runs a program to its end and keeps its output to itself, unless it fails: then its last lines are in the failure.
 * @param {string} name as people call it, the beginning of the sentence when it fails
 * @param {{ env?: object, cwd?: string, signal?: AbortSignal, onLine?: (line: string) => void,
 *   onErrorLine?: (line: string) => void, onStart?: (running: object) => void, mayBeInterrupted?: boolean }} options
 * @returns {Promise<string[]>} the lines that it wrote, the middle ones of many left out
 */
export async function runProgram(name, command, args, options = {}) {
  const { signal, onLine, onErrorLine, onStart, mayBeInterrupted = true, ...spawnOptions } = options;
  if (signal?.aborted) throw new Interrupted();
  const running = startProcess(name, command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] });
  onStart?.(running);
  const output = collectLines(running.child, { onLine, onErrorLine });
  const onAbort = () => mayBeInterrupted && void stopProcess(running, { graceMs: 10_000 });
  signal?.addEventListener('abort', onAbort, { once: true });
  const { code, signal: killedBy, error } = await running.exited;
  signal?.removeEventListener('abort', onAbort);
  // A grandchild that stays may hold the pipe open: the program itself has ended, so we do not wait for that for long.
  await Promise.race([output.done, sleep(1_000, null, { ref: false })]);
  if (signal?.aborted) throw new Interrupted();
  if (error) throw new Failure(`${name} could not be run: ${error.message}.`);
  if (code !== 0) {
    throw new Failure(`${name} failed (${killedBy ? `signal ${killedBy}` : `exit code ${code}`}).`, {
      lines: output.lines(),
    });
  }
  return output.lines();
}
