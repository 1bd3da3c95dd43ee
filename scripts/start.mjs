/**
 * npm start: sets everything up and runs the bank until Ctrl-C. On a fresh machine that is: dependencies, build, database and
 * Redis server, a private instance of each, tables and procedures, the demo bank, then API and worker. README.md lists the
 * settings.
 */
const OLDEST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  console.error(`Florin needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.`);
  process.exitCode = 1;
} else {
  // Only now, as an old Node would stumble over the syntax of these files before it could say so.
  import('./lib/launch.mjs').then(({ launch }) => launch());
}
