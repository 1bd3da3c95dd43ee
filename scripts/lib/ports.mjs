import { createServer } from 'node:net';

/** Tries to listen on a port for a moment. @returns {Promise<{ port: number } | { error: NodeJS.ErrnoException }>} */
function probe(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve({ error }));
    server.listen({ port, host, exclusive: true }, () => {
      const taken = server.address().port;
      server.close(() => resolve({ port: taken }));
    });
  });
}

/** @returns {Promise<string | null>} why nobody can listen there (EADDRINUSE, EACCES, …), or null when it is free */
export async function portProblem(port, host) {
  const { error } = await probe(port, host);
  return error ? (error.code ?? error.message) : null;
}

/** A free port on the loopback interface; the preferred one when it is still free. */
export async function freePort(preferred) {
  if (preferred && !(await portProblem(preferred, '127.0.0.1'))) return preferred;
  const { port, error } = await probe(0, '127.0.0.1');
  if (error) throw error;
  return port;
}
