import { readFileSync } from 'node:fs';

const PEOPLES_NAMES = { mysql: 'a MySQL or MariaDB server', redis: 'a Redis server' };

/** Which packages hold the servers, and the command that installs them, for each family of systems. */
const FAMILIES = {
  debian: {
    packages: { mysql: 'default-mysql-server', redis: 'redis-server' },
    command: (packages) =>
      `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages}`,
  },
  fedora: {
    packages: { mysql: 'mariadb-server', redis: 'redis' },
    command: (packages) => `sudo dnf install -y ${packages}`,
  },
  suse: {
    packages: { mysql: 'mariadb', redis: 'redis' },
    command: (packages) => `sudo zypper install -y ${packages}`,
  },
  arch: {
    packages: { mysql: 'mariadb', redis: 'valkey' },
    command: (packages) => `sudo pacman -S --needed ${packages}`,
  },
  alpine: {
    packages: { mysql: 'mariadb', redis: 'redis' },
    command: (packages) => `sudo apk add ${packages}`,
  },
  mac: {
    packages: { mysql: 'mysql', redis: 'redis' },
    command: (packages) => `brew install ${packages}`,
  },
};

const FAMILY_OF_ID = {
  debian: 'debian',
  ubuntu: 'debian',
  fedora: 'fedora',
  rhel: 'fedora',
  centos: 'fedora',
  suse: 'suse',
  opensuse: 'suse',
  arch: 'arch',
  alpine: 'alpine',
};

/** The names a system gives itself in os-release, its own first, then those it is like. */
export function systemIds(osRelease) {
  const value = (key) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  return `${value('ID')} ${value('ID_LIKE')}`.split(/\s+/).filter(Boolean);
}

/** @returns {keyof typeof FAMILIES | null} */
export function systemFamily(platform = process.platform) {
  if (platform === 'darwin') return 'mac';
  if (platform !== 'linux') return null;
  try {
    const ids = systemIds(readFileSync('/etc/os-release', 'utf8'));
    return ids.map((id) => FAMILY_OF_ID[id]).find(Boolean) ?? null;
  } catch {
    return null;
  }
}

export function packagesOf(family, missing) {
  return missing.map((what) => FAMILIES[family].packages[what]);
}

/** Sentences for people: what is missing and the command that brings it. */
export function installAdvice(missing, family = systemFamily()) {
  const what = missing.map((name) => PEOPLES_NAMES[name]).join(' and ');
  const compose =
    'run everything in containers with `docker compose up` (README.md says which secrets it wants)';
  if (!family)
    return `The bank needs ${what} on this machine. Install it with your system's packages, or ${compose}.`;
  const command = FAMILIES[family].command(packagesOf(family, missing).join(' '));
  return `The bank needs ${what} on this machine. Install with:\n\n    ${command}\n\nor ${compose}.`;
}
