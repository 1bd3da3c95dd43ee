/**
 * npm run sbom [-- --check]: the software bill of materials of what runs in production.
 *
 * Writes dist/sbom.cdx.json (CycloneDX, with a hash of each package) and docs/licences.md, from package-lock.json alone. --check writes
 * nothing: it fails when docs/licences.md is not up to date. Both fail on a licence that is not in ALLOWED.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure, report } from './lib/failure.mjs';
import { inRoot } from './lib/paths.mjs';

const SBOM_FILE = inRoot('dist', 'sbom.cdx.json');
const LICENCES_FILE = inRoot('docs', 'licences.md');
const ROOM_FOR_OUTPUT = 64 * 2 ** 20;
/** Licences under which a package may be shipped with an Apache-2.0 product, unchanged and as a part of its own. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
]);
/** Read in the LICENSE file of the package, as its package.json names none. */
const READ = { 'decko@1.2.0': 'MIT', 'stickyfill@1.1.1': 'MIT', 'url-template@2.0.8': 'BSD-3-Clause' };

function readSbom() {
  const words = [
    'sbom',
    '--sbom-format=cyclonedx',
    '--sbom-type=application',
    '--omit=dev',
    '--package-lock-only',
  ];
  const output = execFileSync('npm', words, {
    cwd: inRoot(),
    encoding: 'utf8',
    maxBuffer: ROOM_FOR_OUTPUT,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output);
}

/** The licence as an SPDX expression; empty when the lock file does not say. */
function statedLicence({ name, version, licenses = [] }) {
  if (licenses.length === 0) return READ[`${name}@${version}`] ?? '';
  return licenses.map(({ license, expression }) => expression ?? license.id ?? license.name).join(' AND ');
}

/** The lock file says nothing of the licence of some packages of one platform: it is that of their siblings. */
function withLicences(components) {
  return components.map((component) => {
    const stated = statedLicence(component);
    const [scope] = component.name.split('/');
    const isSibling = ({ name, version }) => name.startsWith(`${scope}/`) && version === component.version;
    const sibling = stated ? component : components.find((other) => isSibling(other) && statedLicence(other));
    return {
      name: component.name,
      version: component.version,
      licence: sibling ? statedLicence(sibling) : 'none',
    };
  });
}

/** "(MPL-2.0 OR Apache-2.0)" is allowed when one of them is, "MIT AND Zlib" when both are. */
function isAllowed(licence) {
  const plain = licence.replaceAll(/[()]/g, '');
  return plain.split(' AND ').every((part) => part.split(' OR ').some((id) => ALLOWED.has(id.trim())));
}

function licencesPage(packages) {
  const counts = new Map();
  for (const { licence } of packages) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  const byCount = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  const byName = [...packages].sort((a, b) =>
    `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`),
  );
  return [
    '# Licences of the packages in production',
    'Written by `npm run sbom`, which also writes the bill of materials, `dist/sbom.cdx.json` (CycloneDX).',
    ['| Licence | Packages |', '|---|---|', ...byCount.map(([licence, n]) => `| ${licence} | ${n} |`)].join(
      '\n',
    ),
    [
      '| Package | Version | Licence |',
      '|---|---|---|',
      ...byName.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`),
    ].join('\n'),
  ].join('\n\n');
}

async function formatted(text) {
  const { format, resolveConfig } = await import('prettier');
  return format(text, { ...(await resolveConfig(LICENCES_FILE)), filepath: LICENCES_FILE });
}

async function main(words) {
  const sbom = readSbom();
  const packages = withLicences(sbom.components);
  const refused = packages.filter(({ licence }) => !isAllowed(licence));
  if (refused.length > 0)
    throw new Failure(
      'These packages have a licence that scripts/sbom.mjs does not allow. Replace them, or allow the licence after reading it.',
      { lines: refused.map(({ name, version, licence }) => `${name}@${version}: ${licence}`) },
    );
  const page = await formatted(licencesPage(packages));
  const isCurrent = existsSync(LICENCES_FILE) && readFileSync(LICENCES_FILE, 'utf8') === page;
  if (words.includes('--check')) {
    if (!isCurrent) throw new Failure('docs/licences.md is not up to date: npm run sbom writes it.');
    console.log(`${packages.length} packages in production, all under licences that are allowed.`);
    return 0;
  }
  mkdirSync(dirname(SBOM_FILE), { recursive: true });
  writeFileSync(SBOM_FILE, JSON.stringify(sbom, null, 2));
  writeFileSync(LICENCES_FILE, page);
  console.log(`Written: dist/sbom.cdx.json and docs/licences.md, ${packages.length} packages.`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error) => report(error));
