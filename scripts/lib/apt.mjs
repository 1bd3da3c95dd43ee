import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { packagesOf, systemFamily } from './install-advice.mjs';
import { runProgram } from './processes.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_ASIDE = '/usr/sbin/policy-rc.d.before-florin';
const POLICY_TEXT =
  '#!/bin/sh\n# Put here by the Florin launcher for the time of one installation.\nexit 101\n';
const UNIT_FOLDERS = ['/lib/systemd/system', '/usr/lib/systemd/system'];
const SERVICES = { mysql: ['mysql', 'mariadb'], redis: ['redis-server'] };
const LOCK_WAIT = ['-o', 'DPkg::Lock::Timeout=120'];

export function canInstallWithApt() {
  return process.getuid?.() === 0 && systemFamily() === 'debian' && existsSync('/usr/bin/apt-get');
}

/**
 * Keeps packages from starting their services while they are installed: Debian's tools ask this program first, and 101
 * is its word for "no". A machine's own policy is put back afterwards, even when an earlier attempt was killed.
 */
async function withoutServices(work) {
  const original = [POLICY_ASIDE, POLICY].find((path) => existsSync(path));
  const own =
    original && readFileSync(original, 'utf8') !== POLICY_TEXT ? readFileSync(original, 'utf8') : null;
  const mode = original ? statSync(original).mode : 0o755;
  if (own !== null) writeFileSync(POLICY_ASIDE, own, { mode });
  writeFileSync(POLICY, POLICY_TEXT);
  chmodSync(POLICY, 0o755);
  try {
    return await work();
  } finally {
    if (own === null) {
      rmSync(POLICY, { force: true });
    } else {
      writeFileSync(POLICY, own);
      chmodSync(POLICY, mode);
    }
    rmSync(POLICY_ASIDE, { force: true });
  }
}

function hasUnit(service) {
  return (
    UNIT_FOLDERS.some((folder) => existsSync(`${folder}/${service}.service`)) ||
    existsSync(`/etc/init.d/${service}`)
  );
}

/** The bank runs instances of its own: the system's, which the packages bring, shall not come up at the next boot. */
async function disableServices(services) {
  for (const service of services.filter(hasUnit)) {
    const [command, args] = existsSync('/usr/bin/systemctl')
      ? ['/usr/bin/systemctl', ['disable', service]]
      : ['/usr/sbin/update-rc.d', [service, 'disable']];
    // Not every machine has systemd running; a service that could not be disabled does not keep the bank from starting.
    await runProgram(command, command, args).catch(() => {});
  }
}

/** Installs server packages as root on Debian or Ubuntu, and leaves no system service running that was not there. */
export async function installWithApt({ progress, signal }, missing) {
  const packages = packagesOf('debian', missing);
  const env = {
    ...process.env,
    DEBIAN_FRONTEND: 'noninteractive',
    NEEDRESTART_SUSPEND: '1',
    LC_ALL: 'C.UTF-8',
  };
  // Stopping apt half-way would leave the machine with half-configured packages, so an interrupt waits for its end.
  const apt = (note, ...args) =>
    runProgram(`apt-get ${args.at(0)}`, '/usr/bin/apt-get', [...LOCK_WAIT, '-y', '-q', ...args], {
      env,
      signal,
      onLine: note,
      mayBeInterrupted: false,
    });
  const fresh = missing.flatMap((what) => SERVICES[what]).filter((service) => !hasUnit(service));
  await progress.step(`Installing ${packages.join(' and ')} (apt-get)`, async (note) => {
    await apt(note, 'update');
    try {
      await withoutServices(() => apt(note, 'install', '--no-install-recommends', ...packages));
    } finally {
      await disableServices(fresh);
    }
    note(null);
  });
}
