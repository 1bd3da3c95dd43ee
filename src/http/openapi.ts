import { readFileSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cleanupOpenApiDoc } from 'nestjs-zod';
import { ERRORS, type ErrorCode } from '../errors';

const DESCRIPTION = `A core bank: double-entry ledger, idempotent postings, fraud scores.

Amounts are decimal strings in major units. Times are UTC. Errors are application/problem+json (RFC 9457) with a \`code\`;
docs/errors.md explains each. Send an \`Idempotency-Key\` with every POST that moves money: a repeat answers the first answer again
with the header \`Idempotency-Replayed: true\`.`;

/** The OpenAPI document of the API as it runs. */
export function buildOpenApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Florin')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = cleanupOpenApiDoc(
    SwaggerModule.createDocument(app, config, {
      operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
    }),
  );
  document.components ??= {};
  document.components.schemas = { ...document.components.schemas, Problem: problemSchema() };
  return document;
}

function problemSchema() {
  return {
    type: 'object',
    description: 'RFC 9457',
    required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'request_id'],
    properties: {
      type: { type: 'string', example: 'urn:florin:error:insufficient-funds' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'string', enum: Object.keys(ERRORS) as ErrorCode[] },
      retryable: { type: 'boolean' },
      request_id: { type: 'string' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          required: ['field', 'message'],
          properties: { field: { type: 'string' }, message: { type: 'string' } },
        },
      },
    },
  };
}

/** /openapi.json, Swagger UI at /docs and ReDoc at /redoc, all from packages on this server. */
export async function serveApiDocs(app: NestFastifyApplication): Promise<void> {
  const document = buildOpenApi(app);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Florin API',
    swaggerOptions: { persistAuthorization: true },
  });
  const server: FastifyInstance = app.getHttpAdapter().getInstance();
  const bundle = readFileSync(require.resolve('redoc/bundles/redoc.standalone.js'));
  server.get('/redoc/redoc.standalone.js', (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .header('content-type', 'text/javascript; charset=utf-8')
      .header('cache-control', 'public, max-age=86400')
      .send(bundle),
  );
  server.get('/redoc', (_request: FastifyRequest, reply: FastifyReply) =>
    reply
      .header('content-type', 'text/html; charset=utf-8')
      .send(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Florin API reference</title>' +
          '<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{margin:0}</style></head>' +
          '<body><redoc spec-url="/openapi.json"></redoc><script src="/redoc/redoc.standalone.js"></script></body></html>',
      ),
  );
}
