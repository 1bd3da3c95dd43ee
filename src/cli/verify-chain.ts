import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Database, toIso } from '../database';
import {
  parseHead,
  parsePublicKeys,
  type SealHead,
  type SealPublicKey,
  type Verification,
  verifyChain,
} from '../seal';

const USAGE = `Usage: npm run verify-chain -- [--against HEADFILE|FOLDER]… [--public-key FILE]… [--json]

Recomputes the chain of seals from the rows in the database and names the first row that was changed, added or removed.
  --against     a head that was exported before and kept outside, or a folder of them; may be given several times
  --public-key  a file with the bank's public key; SEAL_PUBLIC_KEYS in the environment does the same
  --json        one JSON object in place of text
Exit code: 0 everything is as it was sealed, 1 something is not, 2 it could not be verified.`;

const EXIT = { intact: 0, tampered: 1, unverified: 2 } as const;
const PROGRESS_EVERY_BLOCKS = 50;
/** A worker seals within a minute, however much has piled up within the hour. */
const LONG_UNSEALED_MS = 3_600_000;

interface Arguments {
  heads: SealHead[];
  pinnedKeys: SealPublicKey[];
  isJson: boolean;
}

/** npm run verify-chain: reads the database and nothing else, as the auditor's user when there is one. */
async function main(): Promise<number> {
  const given = readArguments();
  if (!given) return 0;
  const databaseUrl = process.env.AUDITOR_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');
  const database = await Database.connect(databaseUrl, 2);
  const startedAt = performance.now();
  try {
    const verification = await verifyChain(database, { ...given, onProgress: showProgress });
    const seconds = (performance.now() - startedAt) / 1000;
    const code = exitCode(verification);
    print(given.isJson ? json(verification, code) : report(verification, seconds).join('\n'));
    return code;
  } finally {
    await database.close();
  }
}

/** Null when only the usage was asked for. */
function readArguments(): Arguments | null {
  const { values } = parseArgs({
    options: {
      against: { type: 'string', multiple: true, default: [] },
      'public-key': { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    print(USAGE);
    return null;
  }
  const keyTexts = values['public-key'].map((path) => readFileSync(typed(path), 'utf8'));
  return {
    heads: values.against.flatMap(headFilesOf).map((path) => parseHead(path, readFileSync(path, 'utf8'))),
    pinnedKeys: [...keyTexts, process.env.SEAL_PUBLIC_KEYS ?? ''].flatMap(parsePublicKeys),
    isJson: values.json,
  };
}

/** npm changes into the project's folder; a relative path means the one in which it was typed. */
function typed(path: string): string {
  return resolve(process.env.INIT_CWD || process.cwd(), path);
}

function headFilesOf(path: string): string[] {
  const found = typed(path);
  if (!statSync(found).isDirectory()) return [found];
  const files = readdirSync(found).filter((name) => name.endsWith('.json'));
  if (files.length === 0) throw new Error(`${path}: holds no .json file`);
  return files.sort().map((name) => join(found, name));
}

function exitCode({ findings_count, head }: Verification): number {
  if (findings_count > 0) return EXIT.tampered;
  return head === null ? EXIT.unverified : EXIT.intact;
}

function json(verification: Verification, code: number): string {
  const result = Object.entries(EXIT).find(([, value]) => value === code)?.[0];
  return JSON.stringify({ result, ...verification }, null, 2);
}

function report(verification: Verification, seconds: number): string[] {
  const { findings, findings_count, head, unsealed } = verification;
  const lines = head ? summary(verification, head, seconds) : [];
  const [first, ...more] = findings;
  if (!first)
    return head
      ? [...lines, '', 'INTACT: every sealed row is as it was sealed.', ...cautions(verification)]
      : [
          `NOT VERIFIED: nothing is sealed yet; ${unsealed.transactions_count} transactions wait. A worker seals them some seconds after they were posted.`,
        ];
  const left = findings_count - findings.length;
  return [
    ...lines,
    '',
    `TAMPERED: ${first.detail} (block ${first.block_id}).`,
    ...(more.length > 0 ? ['', 'Also:'] : []),
    ...more.map(({ detail, block_id }) => `  ${detail} (block ${block_id})`),
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

function summary(
  verification: Verification,
  head: NonNullable<Verification['head']>,
  seconds: number,
): string[] {
  const { rows, unsealed, blocks_count, signed_blocks_count, keys_are_pinned, matching_heads } = verification;
  const { statement } = head;
  const total = rows.transaction + rows.entry + rows.audit;
  const waiting = `${unsealed.transactions_count} transactions, ${unsealed.audit_rows_count} audit rows`;
  const since = unsealed.oldest_at === null ? '' : `, the oldest of ${toIso(unsealed.oldest_at)}`;
  return [
    `Chain       ${statement.chain_id}, ${blocks_count} blocks, the newest sealed at ${statement.sealed_at}`,
    `Head        ${head.block_hash}`,
    `Rows        ${rows.transaction} transactions up to ${statement.transactions_until_id}, ${rows.entry} entries, ` +
      `${rows.audit} audit rows up to ${statement.audit_until_id}`,
    `Signatures  ${signed_blocks_count} of ${blocks_count} blocks, by ${keys_are_pinned ? 'the keys that were given' : 'keys that the database itself names'}`,
    ...matching_heads.map((name) => `Agrees      ${name}`),
    `Not sealed  ${waiting}${since}`,
    `Time        ${seconds.toFixed(1)} s, ${Math.round(total / Math.max(seconds, 0.001))} rows a second`,
  ];
}

/** What "intact" does not say. */
function cautions(verification: Verification): string[] {
  const { signed_blocks_count, keys_are_pinned, matching_heads, unsealed } = verification;
  const waited_ms = unsealed.oldest_at === null ? 0 : Date.now() - Date.parse(toIso(unsealed.oldest_at));
  return [
    ...(waited_ms > LONG_UNSEALED_MS
      ? [
          `Caution: a row of ${toIso(unsealed.oldest_at ?? '')} is not sealed yet. Until it is, nobody could tell that it was changed.`,
        ]
      : []),
    ...(signed_blocks_count === 0
      ? ['Caution: no block is signed, so the administrator of the database could have rebuilt all of them.']
      : []),
    ...(signed_blocks_count > 0 && !keys_are_pinned
      ? ['Caution: the key came from the database. Give the one that you know with --public-key.']
      : []),
    ...(matching_heads.length === 0
      ? ['Caution: no head was given with --against, so an end that was cut off would not show.']
      : []),
  ];
}

function showProgress(blocks: number, ofBlocks: number): void {
  if (process.stderr.isTTY && blocks % PROGRESS_EVERY_BLOCKS === 0)
    process.stderr.write(
      `\rblock ${blocks} of ${ofBlocks}${blocks + PROGRESS_EVERY_BLOCKS > ofBlocks ? '\n' : ''}`,
    );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const { code, message } = error as { code?: string; message: string };
    const isUsage = code?.startsWith('ERR_PARSE_ARGS') === true;
    process.stderr.write(`NOT VERIFIED: ${message}\n${isUsage ? `\n${USAGE}\n` : ''}`);
    process.exitCode = EXIT.unverified;
  },
);
