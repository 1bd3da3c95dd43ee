import { loadReferenceData } from '../../seeds/reference/load-reference-data';
import { createBankPool, databaseName } from './connection';
import { Database, openDataSource, type Queries } from './database';
import { applyDatabaseObjects, readDatabaseObjects } from './database-objects';
import { applyGrants, ensureOwner, type DatabaseUsers } from './grants';

export interface MigrateOptions {
  /** A user that may create databases and users. */
  adminUrl: string;
  /** The user that owns tables and procedures; by default the administrator itself. */
  ownerUrl?: string;
  users: DatabaseUsers;
  onProgress?: (line: string) => void;
}

/** Brings a server to the state of this version: database, tables, reference data, procedures, users. May be repeated. */
export async function migrateBank({
  adminUrl,
  ownerUrl = adminUrl,
  users,
  onProgress = () => undefined,
}: MigrateOptions): Promise<void> {
  const database = databaseName(ownerUrl);
  if (!database) throw new Error('DATABASE_URL: must name a database');

  const serverUrl = new URL(adminUrl);
  serverUrl.pathname = '/';
  await withPool(serverUrl.href, async (admin) => {
    await admin.execute(
      `CREATE DATABASE IF NOT EXISTS \`${database.replace(/`/g, '')}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci`,
    );
    if (ownerUrl !== adminUrl) await ensureOwner(admin, ownerUrl);
  });

  const dataSource = await openDataSource(ownerUrl, 1);
  try {
    const applied = await dataSource.runMigrations({ transaction: 'none' });
    onProgress(applied.length > 0 ? `applied ${applied.length} migrations` : 'tables are up to date');
  } finally {
    await dataSource.destroy();
  }

  const owner = await Database.connect(ownerUrl, 1);
  try {
    await loadReferenceData(owner);
    const objects = await readDatabaseObjects();
    const loaded = await applyDatabaseObjects(owner, objects, (done, total) => {
      if (done % 10 === 0) onProgress(`loaded ${done} of ${total} procedures, views and triggers`);
    });
    onProgress(
      loaded.length > 0
        ? `loaded ${loaded.length} procedures, views and triggers`
        : 'procedures are up to date',
    );
  } finally {
    await owner.close();
  }
  await withPool(serverUrl.href, async (admin) => {
    const granted = await applyGrants(admin, users, database);
    if (granted.length > 0) onProgress(`granted least privileges to ${granted.length} database users`);
  });
}

async function withPool(url: string, work: (queries: Queries) => Promise<void>): Promise<void> {
  const pool = createBankPool(url, { connectionLimit: 1 });
  const run = async (sql: string, parameters: readonly unknown[] = []) =>
    (await pool.query(sql, [...parameters]))[0];
  try {
    await work({
      query: async <T extends object>(sql: string, parameters?: readonly unknown[]) =>
        (await run(sql, parameters)) as T[],
      execute: async (sql, parameters) => {
        const header = (await run(sql, parameters)) as { affectedRows: number; insertId: number };
        return { affectedRows: header.affectedRows, insertId: String(header.insertId) };
      },
      call: () => Promise.reject(new Error('the administrator calls no procedures')),
    });
  } finally {
    await pool.end();
  }
}
