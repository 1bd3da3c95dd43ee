import { migrations } from '../../migrations';
import { Database } from '../database';
import { checkDurability, serverVersion } from '../database/server-checks';
import { runCommand } from './command';

/** npm run db:check: reachable, migrated, procedures unchanged, durable. Exit code 1 when something is wrong. */
runCommand(async () => {
  const databaseUrl = process.env.API_DATABASE_URL || process.env.DATABASE_URL;
  if (!databaseUrl) throw new Error('DATABASE_URL: is required when no bank runs here');
  let failures = 0;
  const report = (ok: boolean, line: string) => {
    if (!ok) failures += 1;
    process.stdout.write(`${ok ? 'ok  ' : 'FAIL'}  ${line}\n`);
  };
  const database = await Database.connect(databaseUrl, 1).catch((error: Error) => {
    report(false, `the database cannot be reached: ${error.message}`);
    return null;
  });
  if (!database) return 1;
  try {
    report(true, `the database can be reached (${await serverVersion(database)})`);
    const applied = await database
      .query<{ name: string }>('SELECT name FROM schema_migrations')
      .catch(() => []);
    const names = new Set(applied.map((row) => row.name));
    const missing = migrations.filter((migration) => !names.has(migration.name)).length;
    report(
      missing === 0,
      missing === 0
        ? `all ${names.size} migrations are applied`
        : `${missing} migrations are not applied: npm run db:migrate`,
    );
    if (missing === 0) {
      const [changed = []] = await database.call<{
        object_type: string;
        object_name: string;
        problem: string;
      }>('sp_check_objects');
      for (const object of changed)
        report(false, `${object.object_type.toLowerCase()} ${object.object_name} is ${object.problem}`);
      if (changed.length === 0) report(true, 'procedures, views and triggers are unchanged');
    }
    for (const check of await checkDurability(database)) {
      report(check.ok, `${check.name} is ${check.found}${check.ok ? '' : `, must be ${check.wanted}`}`);
    }
  } finally {
    await database.close();
  }
  return failures === 0 ? 0 : 1;
});
