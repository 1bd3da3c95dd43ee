import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;
const SAMPLE_MS = 250;

/** Resident memory of a process in megabytes (10^6 bytes); 0 when it is gone. */
export function residentMegabytes(pid: number): number {
  try {
    const kibibytes = existsSync('/proc/self/status')
      ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return (Number(kibibytes ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}

/** CPU seconds that a process has used; NaN where the system has no /proc. */
function cpuSeconds(pid: number): number {
  try {
    return cpuSecondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return Number.NaN;
  }
}

/** CPU seconds of a line of /proc/…/stat, of a process or a thread. */
export function cpuSecondsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface ProcessUse {
  /** Cores kept busy, on average: 1 is one whole core. */
  cores: Record<string, number>;
  /** Highest resident memory seen, in megabytes. */
  peak_mb: Record<string, number>;
}

/** Watches processes while `work` runs. */
export async function watching<T>(
  processes: readonly { name: string; pid: number }[],
  work: () => Promise<T>,
): Promise<{ value: T; use: ProcessUse }> {
  const peak_mb: Record<string, number> = {};
  const before = processes.map(({ pid }) => cpuSeconds(pid));
  // The last reading counts for a process that has ended by itself.
  const after = [...before];
  const sample = () => {
    processes.forEach(({ name, pid }, index) => {
      peak_mb[name] = Math.max(peak_mb[name] ?? 0, residentMegabytes(pid));
      const used = cpuSeconds(pid);
      if (!Number.isNaN(used)) after[index] = used;
    });
  };
  const startedAt = performance.now();
  const timer = setInterval(sample, SAMPLE_MS);
  try {
    const value = await work();
    sample();
    const seconds = (performance.now() - startedAt) / 1000;
    const cores = Object.fromEntries(
      processes.map(({ name }, index) => [
        name,
        ((after[index] ?? Number.NaN) - (before[index] ?? Number.NaN)) / seconds,
      ]),
    );
    return { value, use: { cores, peak_mb } };
  } finally {
    clearInterval(timer);
  }
}
