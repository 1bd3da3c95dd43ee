import { migrateBank } from '../database/migrate';
import { runCommand } from './command';

/**
 * npm run db:migrate: database, tables, reference data, procedures, users and their rights. May be repeated.
 *
 * DATABASE_URL is a user that may create databases and users; OWNER_DATABASE_URL (optional) becomes the owner of tables and
 * procedures; API_, WORKER_ and AUDITOR_DATABASE_URL (optional) are made with the least rights each needs.
 */
runCommand(async () => {
  const { DATABASE_URL, OWNER_DATABASE_URL, API_DATABASE_URL, WORKER_DATABASE_URL, AUDITOR_DATABASE_URL } =
    process.env;
  if (!DATABASE_URL) throw new Error('DATABASE_URL: is required');
  await migrateBank({
    adminUrl: DATABASE_URL,
    ownerUrl: OWNER_DATABASE_URL || undefined,
    users: {
      api: API_DATABASE_URL || undefined,
      worker: WORKER_DATABASE_URL || undefined,
      auditor: AUDITOR_DATABASE_URL || undefined,
    },
    onProgress: (line) => process.stdout.write(`${line}\n`),
  });
});
