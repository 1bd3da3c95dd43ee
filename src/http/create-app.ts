import { randomUUID } from 'node:crypto';
import fastifyCors from '@fastify/cors';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type Logger, pino } from 'pino';
import { AppModule } from '../app.module';
import type { Environment } from '../config/environment';
import type { Database } from '../database';
import { connectDatabase } from '../database/database.module';
import { PinoLogger } from './pino-logger';
import { sendProblem } from './problem.filter';
import { serveApiDocs } from './openapi';
import { readJsonBodies } from './request-body';
import { SECURITY_HEADERS } from './security-headers';

/**
 * The whole API, ready to listen. Tests make it the same way as main.ts; the OpenAPI generator gives a database that is not
 * connected, because the document needs none.
 */
export async function createApp(
  environment: Environment,
  database?: Database,
): Promise<NestFastifyApplication> {
  const logger = pino({
    level: environment.LOG_LEVEL,
    redact: ['req.headers.authorization', 'req.headers.cookie'],
    serializers: { err: serialiseError },
  });
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: environment.TRUSTED_PROXY_HOPS === 0 ? false : environment.TRUSTED_PROXY_HOPS,
    genReqId: () => randomUUID(),
    // A logger a request costs more than what it is for: who logs a failure says which request it was.
    childLoggerFactory: (parent: FastifyBaseLogger) => parent,
    // The API has no middleware; its way through every request is paid for nothing.
    skipMiddie: true,
    frameworkErrors: sendProblem,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // Time to finish what is under way when the process is told to stop.
    forceCloseConnections: 'idle',
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register(environment, database ?? (await connectDatabase(environment))),
    adapter,
    {
      bodyParser: false,
      logger: new PinoLogger(logger),
      abortOnError: false,
    },
  );
  await configureServer(app, environment, logger);
  serveApiDocs(app);
  app.enableShutdownHooks();
  return app;
}

async function configureServer(
  app: NestFastifyApplication,
  environment: Environment,
  logger: Logger,
): Promise<void> {
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  readJsonBodies(server, environment.API_BODY_LIMIT_KB * 1024);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS).header('x-request-id', request.id);
    done();
  });
  if (logger.isLevelEnabled('debug')) logRequests(server, logger);
  if (environment.CORS_ORIGINS.length > 0) {
    await app.register(fastifyCors, {
      origin: environment.CORS_ORIGINS,
      methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      exposedHeaders: ['Idempotency-Replayed', 'Idempotency-Key', 'Retry-After', 'X-Request-Id'],
    });
  }
}

function logRequests(server: FastifyInstance, logger: Logger): void {
  server.addHook('onResponse', (request, reply, done) => {
    logger.debug(
      {
        request_id: request.id,
        method: request.method,
        path: request.url.split('?')[0],
        status: reply.statusCode,
        duration_ms: reply.elapsedTime,
      },
      'request',
    );
    done();
  });
}

/** What a log may say of an error: never the statement's parameters, which drivers put into their messages and properties. */
function serialiseError(error: Error & { code?: string; errno?: number; driverError?: unknown }): object {
  const { name, message, stack, code, errno } = error;
  const isDriverError = errno !== undefined || error.driverError !== undefined;
  return isDriverError
    ? { name, code, errno, message: message.slice(0, 200), stack: stack?.split('\n').slice(1).join('\n') }
    : { name, code, message, stack, cause: error.cause instanceof Error ? error.cause.message : undefined };
}
