import { databaseUrls } from './database-urls.mjs';
import { untilHistoryIsScored } from './demo-history.mjs';
import { Failure, Interrupted } from './failure.mjs';
import { inRoot } from './paths.mjs';
import { portProblem } from './ports.mjs';
import { runProgram, startProcess, stopProcess } from './processes.mjs';
import { apiUrl, waitUntilReady } from './readiness.mjs';
import { sealKeys } from './seal-keys.mjs';
import { loadSecrets } from './secrets.mjs';
import { redisUrl, serverStarters } from './servers.mjs';
import { Supervisor } from './supervisor.mjs';

const SECRET_KEYS = ['JWT_SECRET', 'CURSOR_SECRET', 'CARD_HASH_KEY', 'METRICS_TOKEN', 'DATA_KEYS'];
const DATABASE_KEYS = [
  'DATABASE_URL',
  'OWNER_DATABASE_URL',
  'API_DATABASE_URL',
  'WORKER_DATABASE_URL',
  'AUDITOR_DATABASE_URL',
];
const API_KEYS = ['JWT_SECRET', 'JWT_SECOND_SECRET', 'CURSOR_SECRET', 'METRICS_TOKEN', 'DATA_KEYS'];
/** A key that signs what the ledger was is kept from the process that is open to the network. */
const WORKER_KEYS = ['SEAL_SIGNING_KEY', 'SEAL_SIGNING_KEY_FILE'];
const STOP_GRACE_MS = 30_000;
const MAY_FAIL = 5;

/** One bank with its servers, its API and its worker, on one folder. */
export class Bank {
  /** @param {import('./bank-state.mjs').BankFolder} folder
   *  @param {{ apiHost: string, apiPort: number, databaseUrl: string | null, redisUrl: string | null }} settings */
  constructor(folder, settings, { progress, signal, onStart }) {
    this.folder = folder;
    this.settings = settings;
    this.progress = progress;
    this.signal = signal;
    this.onStart = onStart;
    this.logins = [];
    this.secrets = loadSecrets(folder.folder);
    this.supervisor = new Supervisor(progress);
    this.url = apiUrl(settings.apiHost, settings.apiPort);
  }

  /** Resolves with the reason when some part cannot be kept running. */
  get gaveUp() {
    return this.supervisor.gaveUp;
  }

  /** Starts everything, in the order in which the parts need each other. */
  async open() {
    const env = await this.#startServers();
    await this.#prepareDatabase(env);
    // Commands read what is saved here, and none of them seals.
    this.folder.save({
      ...env,
      SEAL_SIGNING_KEY: undefined,
      data_folder: this.folder.folder,
      api_url: this.url,
      open: true,
    });
    this.#start('worker', 'dist/worker/main.js', env.WORKER_DATABASE_URL, env, { mayFail: Infinity }).keep();
    const api = this.#start('API', 'dist/src/main.js', env.API_DATABASE_URL, env, { mayFail: MAY_FAIL });
    await this.progress.step('Waiting for the API to be ready', (note) =>
      waitUntilReady(this.url, {
        running: api.running,
        signal: this.signal,
        note,
        explain: () => this.#whyApiStopped(),
      }),
    );
    // An API that never was ready has a reason that another attempt would meet again.
    api.keep();
    if (this.logins.length > 0) await this.#scoreHistory(env);
    this.#announce();
  }

  /** Stops everything in the opposite order. */
  async close() {
    // They exist nowhere else: a start that fails after they were made must not swallow them.
    this.#showLogins();
    await this.supervisor.stopAll();
  }

  async #startServers() {
    const { settings, secrets, folder } = this;
    const passwords = { mysql: secrets.mysql_root_password, redis: secrets.redis_password };
    const needs = { mysql: !settings.databaseUrl, redis: !settings.redisUrl };
    const starters = await serverStarters(this, { folder: folder.folder, passwords, needs });
    const mysql = starters.mysql && (await this.#startServer('mysql', starters.mysql));
    const redis = starters.redis && (await this.#startServer('redis', starters.redis));
    this.folder.savePorts({ mysql: mysql?.port, redis: redis?.port, api: settings.apiPort });
    return {
      ...databaseUrls({ given: settings.databaseUrl, port: mysql?.port, secrets }),
      REDIS_URL: settings.redisUrl ?? redisUrl({ password: passwords.redis, port: redis.port }),
      ...Object.fromEntries(SECRET_KEYS.map((key) => [key, process.env[key] || secrets[key]])),
      ...sealKeys(secrets.SEAL_SIGNING_KEY),
    };
  }

  async #startServer(key, start) {
    const context = { progress: this.progress, onStart: this.onStart };
    const instance = await start({ ...context, signal: this.signal }, this.folder.ports[key]);
    const { name, version, port } = instance;
    const service = this.supervisor.add(instance, {
      name,
      mayFail: MAY_FAIL,
      restart: async () => {
        const again = await start({ ...context, signal: this.supervisor.ending }, port);
        if (again.port === port) return again;
        // Everybody else knows the server by its port.
        await again.stop();
        throw new Failure(`port ${port} is taken by another program`);
      },
    });
    service.keep();
    this.progress.print(`ok     ${name} ${version} runs on 127.0.0.1:${port}`);
    return instance;
  }

  async #prepareDatabase(env) {
    await this.#runEntry('Migrating the database', 'dist/src/cli/migrate.js', env);
    // The seed tells the logins once in a bank's life. They are shown at the end, where they do not scroll away.
    await this.#runEntry('Seeding the demo bank', 'dist/src/cli/seed-demo.js', env, (line) =>
      this.logins.push(line),
    );
  }

  async #scoreHistory(env) {
    const own = { ...process.env, AUDITOR_DATABASE_URL: env.AUDITOR_DATABASE_URL };
    await this.progress.step('Scoring the history of the demo bank', (note) =>
      untilHistoryIsScored({ env: own, signal: this.signal, note }),
    );
  }

  /** @returns {boolean} whether there were any */
  #showLogins() {
    const lines = this.logins.splice(0);
    if (lines.length > 0) this.progress.print();
    for (const line of lines) this.progress.print(line);
    return lines.length > 0;
  }

  async #runEntry(title, entry, env, onLine) {
    await this.progress.step(title, async (note) => {
      await runProgram(entry, process.execPath, [inRoot(entry)], {
        env: { ...process.env, ...env },
        signal: this.signal,
        onLine: onLine ?? note,
        onErrorLine: note,
        onStart: this.onStart,
      });
      note(null);
    });
  }

  #start(name, entry, databaseUrl, env, { mayFail }) {
    if (this.signal.aborted) throw new Interrupted();
    const start = () => {
      const running = startProcess(name, process.execPath, [inRoot(entry)], {
        env: this.#ownEnvironment(name, databaseUrl, env),
      });
      this.onStart(running);
      return { ...running, stop: () => stopProcess(running, { graceMs: STOP_GRACE_MS }) };
    };
    const running = start();
    const { keep } = this.supervisor.add(running, { name, mayFail, restart: async () => start() });
    return { running, keep };
  }

  /**
   * A part gets its own way to the database and nobody else's; only the API gets the keys that tokens are made with, only the worker
   * the one that seals.
   */
  #ownEnvironment(name, databaseUrl, env) {
    const own = {
      ...process.env,
      ...env,
      BANK_DATA_DIR: this.folder.folder,
      API_HOST: this.settings.apiHost,
      API_PORT: String(this.settings.apiPort),
    };
    const others = name === 'API' ? [...DATABASE_KEYS, ...WORKER_KEYS] : [...DATABASE_KEYS, ...API_KEYS];
    for (const key of others) delete own[key];
    return { ...own, DATABASE_URL: databaseUrl };
  }

  async #whyApiStopped() {
    const problem = await portProblem(this.settings.apiPort, this.settings.apiHost);
    return problem
      ? `API_PORT: the port is already in use by another program (${problem}). Choose another one.`
      : 'The API could not start; its last words stand above.';
  }

  #announce() {
    const { url, folder } = this;
    const logins = this.#showLogins() ? 'above, shown this once' : "shown at this bank's first start";
    for (const line of [
      '',
      'The bank is open.',
      '',
      `  API          ${url}`,
      `  Swagger UI   ${url}/docs`,
      `  ReDoc        ${url}/redoc`,
      `  Demo logins  ${logins}`,
      `  Data         ${folder.folder}`,
      '',
      'Ctrl-C stops everything in order.',
      '',
    ]) {
      this.progress.print(line);
    }
  }
}
