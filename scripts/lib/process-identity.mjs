import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process id alone says little: the system gives it to somebody else once its owner is gone. Its id together with the
 * moment it started is unique, so that a later start signals only what an earlier start of ours really left behind.
 * @param {number} pid
 * @returns {string | null} a mark of this very process, or null when there is none (or only its zombie)
 */
export function processMark(pid) {
  if (!Number.isInteger(pid) || pid <= 1) return null;
  return process.platform === 'linux' ? linuxMark(pid) : psMark(pid);
}

/** Whether the process that once had this mark still runs. */
export function isSameProcess(pid, mark) {
  return typeof mark === 'string' && processMark(pid) === mark;
}

function linuxMark(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may itself hold spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const startedTicks = fields[19];
    if (state === 'Z' || state === 'X') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startedTicks}`;
  } catch {
    return null;
  }
}

function psMark(pid) {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
    })
      .trim()
      .split(/\s+/);
    return !state || state.startsWith('Z') ? null : started.join(' ');
  } catch {
    return null;
  }
}
