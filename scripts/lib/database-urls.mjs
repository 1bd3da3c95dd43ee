import { mysqlUrl } from './servers.mjs';

export const DATABASE_NAME = 'florin';

/** Another user's way to the same server and database. */
function asDatabaseUser(databaseUrl, user, password) {
  const url = new URL(databaseUrl);
  url.username = user;
  url.password = password;
  return url.href;
}

/** A URL that names no database means the bank's usual one. */
export function withDatabaseName(databaseUrl) {
  const url = new URL(databaseUrl);
  if (url.pathname.replace('/', '') === '') url.pathname = `/${DATABASE_NAME}`;
  return url.href;
}

/**
 * The connection strings of the administrator and of each part of the bank with its own least rights.
 * @param {{ given: string | null, port?: number, secrets: object }} options given: DATABASE_URL, when the user has a server
 */
export function databaseUrls({ given, port, secrets }) {
  const administrator = given
    ? withDatabaseName(given)
    : mysqlUrl({ password: secrets.mysql_root_password, port, database: DATABASE_NAME });
  const urlOf = (part) =>
    process.env[`${part.toUpperCase()}_DATABASE_URL`] ||
    asDatabaseUser(administrator, `florin_${part}`, secrets[`florin_${part}_password`]);
  return {
    DATABASE_URL: administrator,
    // Who owns a server that was given decides about owners there; on ours nothing but migrations works as root.
    ...(given ? {} : { OWNER_DATABASE_URL: urlOf('owner') }),
    API_DATABASE_URL: urlOf('api'),
    WORKER_DATABASE_URL: urlOf('worker'),
    AUDITOR_DATABASE_URL: urlOf('auditor'),
  };
}
