import { loadEnvironment } from './config/environment';
import { createApp } from './http/create-app';

/** The API process: npm run start:api. */
async function main(): Promise<void> {
  const environment = loadEnvironment();
  const app = await createApp(environment);
  await app.listen(environment.API_PORT, environment.API_HOST);
  process.stdout.write(`API on ${await app.getUrl()}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${process.env.DEBUG ? error.stack : error.message}\n`);
  process.exit(1);
});
