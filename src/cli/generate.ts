import { mkdir, writeFile } from 'node:fs/promises';
import { loadEnvironment } from '../config/environment';
import { Database } from '../database';
import { createApp } from '../http/create-app';
import { buildOpenApi } from '../http/openapi';
import { errorReference } from '../errors/error-reference';
import { runCommand } from './command';

/** npm run generate: openapi.json and docs/errors.md, from the code itself. CI fails when they differ from what is committed. */
runCommand(async () => {
  const secret = 'only-the-structure-of-the-api-is-read-here';
  const environment = loadEnvironment({
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    DATABASE_URL: 'mysql://offline@127.0.0.1/offline',
    REDIS_URL: 'redis://127.0.0.1:1',
    JWT_SECRET: secret,
    CURSOR_SECRET: secret,
  });
  const app = await createApp(environment, Database.offline());
  await writeFile('openapi.json', `${JSON.stringify(buildOpenApi(app), null, 2)}\n`);
  await mkdir('docs', { recursive: true });
  await writeFile('docs/errors.md', errorReference());
  // Connections that providers may have begun to open would keep the process alive.
  setImmediate(() => process.exit(0));
});
