import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './failure.mjs';
import { readJson, writePrivateJson } from './files.mjs';
import { tryLock } from './lock.mjs';
import { isSameProcess, processMark } from './process-identity.mjs';
import { stopLeftover } from './processes.mjs';

const LEFTOVER_GRACE_MS = { API: 20_000, worker: 20_000, Redis: 20_000 };
const DEFAULT_GRACE_MS = 60_000;

function stateFile(dataFolder) {
  return join(dataFolder, 'bank.json');
}

/** The state of the bank that runs on this folder, for other commands; null when none runs. */
export function runningBank(dataFolder) {
  const state = readJson(stateFile(dataFolder));
  return state?.open && isSameProcess(state.launcher.pid, state.launcher.mark) ? state : null;
}

/**
 * Claims a data folder for this process. While it is held, `save` records what runs, so that commands find the bank and a
 * later start finds what a killed one left behind.
 */
export class BankFolder {
  #lock;
  #state;

  constructor(folder) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      chmodSync(folder, 0o700);
    } catch (error) {
      throw new Failure(`BANK_DATA_DIR: must name a folder that can be made and written to (${error.code}).`);
    }
    this.folder = folder;
    const lock = tryLock(join(folder, 'bank.lock'));
    if (!lock.release) throw new Failure(this.#occupied(lock.holder));
    this.#lock = lock;
    this.#state = {
      launcher: { pid: process.pid, mark: processMark(process.pid) },
      open: false,
      children: [],
      folders: [],
    };
    this.abandoned = readJson(stateFile(folder));
    this.ports = readJson(join(folder, 'ports.json')) ?? {};
  }

  #occupied(holder) {
    const bank = runningBank(this.folder);
    return bank
      ? `A bank already runs on ${this.folder} (process ${holder.pid}): ${bank.api_url}`
      : `A bank is just starting or stopping on ${this.folder} (process ${holder.pid}).`;
  }

  /** Ends what a start that was killed left running, the API first and the database last. @returns {Promise<number>} how many */
  async endLeftovers(note) {
    const { children = [], folders = [] } = this.abandoned ?? {};
    let ended = 0;
    for (const child of [...children].reverse()) {
      note(child.name);
      if (await stopLeftover(child, LEFTOVER_GRACE_MS[child.name] ?? DEFAULT_GRACE_MS)) ended += 1;
    }
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    this.abandoned = null;
    return ended;
  }

  /** Records a process under its name, in the place of an earlier one of that name. */
  saveChild({ name, pid, mark, socketFolder }) {
    const children = this.#state.children;
    const at = children.findIndex((child) => child.name === name);
    children.splice(at < 0 ? children.length : at, at < 0 ? 0 : 1, { name, pid, mark });
    if (socketFolder) this.#state.folders.push(socketFolder);
    this.#write();
  }

  /** Ports that the next start tries first. */
  savePorts(ports) {
    this.ports = { ...this.ports, ...ports };
    writePrivateJson(join(this.folder, 'ports.json'), this.ports);
  }

  /** Adds to what commands can read about the running bank. */
  save(more) {
    Object.assign(this.#state, more);
    this.#write();
  }

  #write() {
    // Until the leftovers of a killed start are gone, their record is the only trace of them.
    if (!this.abandoned) writePrivateJson(stateFile(this.folder), this.#state);
  }

  /** Gives the folder back; the record goes only when nothing of it is left running. */
  release() {
    const left = this.abandoned ?? this.#state.children.some(({ pid, mark }) => isSameProcess(pid, mark));
    if (!left) rmSync(stateFile(this.folder), { force: true });
    this.#lock.release();
  }
}
