import { readFileSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cleanupOpenApiDoc } from 'nestjs-zod';
import { STEP_UP_EXTENSION } from '../auth/permissions';
import { ERRORS, type ErrorCode } from '../errors';
import { BODY_ERRORS, byStatus, errorResponse } from './api-errors';
import {
  exampleOf,
  type JsonSchema,
  operationId,
  parameterSchema,
  routeDtos,
  schemaOf,
} from './openapi-schemas';
import { problemOf } from './problem.filter';

const DESCRIPTION = `A core bank: double-entry ledger, idempotent postings, fraud scores.

Amounts are decimal strings in major units. Times are UTC. Errors are application/problem+json (RFC 9457) with a \`code\`;
docs/errors.md explains each. Send an \`Idempotency-Key\` with every POST that moves money: a repeat answers the first answer again
with the header \`Idempotency-Replayed: true\`.`;

const STEP_UP_TEXT = 'Needs a login or a step-up (POST /auth/step-up) within the last minutes.';

const SUCCESS: Record<string, string> = { '200': 'Done', '201': 'Made', '204': 'Done; nothing to tell' };

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** The OpenAPI document of the API as it runs. */
export function buildOpenApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Florin')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' })
    .build();
  const document = cleanupOpenApiDoc(
    SwaggerModule.createDocument(app, config, { operationIdFactory: operationId }),
  );
  // What @nestjs/swagger makes of a field that may be null is not what the field is: the schemas come from zod itself.
  const schemas: Record<string, JsonSchema> = {};
  const routes = routeDtos(app);
  for (const operation of operationsOf(document)) {
    const { takes = [], answers = [] } = routes.get(operation.operationId ?? '') ?? {};
    for (const dto of answers) schemas[schemaName(dto.name)] = schemaOf(dto, 'output');
    const inputs = takes.map((dto) => ({ dto, schema: schemaOf(dto, 'input') }));
    describeParameters(
      operation,
      inputs.map(({ schema }) => schema),
    );
    const body = inputs.find(({ dto }) => bodyReference(operation)?.endsWith(`/${dto.name}`));
    if (body) {
      const name = schemaName(body.dto.name);
      schemas[name] = body.schema;
      describeBody(operation, name, body.schema, body.dto.schema.safeParse({}).success);
    }
    describeStepUp(operation);
    describeResponses(operation, schemas);
  }
  return {
    ...document,
    components: {
      ...document.components,
      schemas: { ...schemas, Problem: problemSchema() },
      examples: Object.fromEntries(
        (Object.keys(ERRORS) as ErrorCode[]).map((code) => [
          code,
          { value: problemOf(code, EXAMPLE_REQUEST) },
        ]),
      ),
    },
  };
}

const EXAMPLE_REQUEST = '0b9f3c52-3f0e-4a63-9d0a-5f7c5d3a1e10';

/** TransferDto and ProfileDto_Output are how the code calls them; Transfer and Profile is what they are. */
const schemaName = (className: string) => className.replace(/Dto(_Output)?$/, '');

function operationsOf(document: OpenAPIObject): Operation[] {
  return Object.values(document.paths).flatMap(({ get, post, put, patch, delete: remove }) =>
    [get, post, put, patch, remove].filter((operation) => operation !== undefined),
  );
}

function bodyReference({ requestBody }: Operation): string | undefined {
  const schema = requestBody && 'content' in requestBody && requestBody.content['application/json']?.schema;
  return schema && '$ref' in schema ? schema.$ref : undefined;
}

function describeParameters(operation: Operation, schemas: JsonSchema[]): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter) continue;
    const found = schemas.map((schema) => schema.properties?.[parameter.name]).find(Boolean);
    if (typeof found === 'object') parameter.schema = parameterSchema(found) as typeof parameter.schema;
    const { schema } = parameter;
    const example = schema && 'example' in schema ? (schema.example as unknown) : undefined;
    if (example !== undefined) parameter.example ??= example;
  }
}

function describeBody(operation: Operation, name: string, schema: JsonSchema, isOptional: boolean): void {
  operation.requestBody = {
    required: !isOptional,
    content: {
      'application/json': { schema: { $ref: `#/components/schemas/${name}` }, example: exampleOf(schema) },
    },
  };
  const documented = Object.values(operation.responses).flatMap(codesOf);
  for (const [status, codes] of byStatus([...documented, ...BODY_ERRORS]))
    operation.responses[status] = errorResponse(codes);
}

/** A dangerous act may answer one error more. */
function describeStepUp(operation: Operation): void {
  if (!(STEP_UP_EXTENSION in operation)) return;
  const { status } = ERRORS.STEP_UP_REQUIRED;
  operation.responses[status] = errorResponse([...codesOf(operation.responses[status]), 'STEP_UP_REQUIRED']);
  operation.description = [operation.description, STEP_UP_TEXT].filter(Boolean).join(' ');
}

/** The error codes of a response, from the examples that ApiErrors gave it. */
function codesOf(response: Operation['responses'][string]): ErrorCode[] {
  const content =
    response && 'content' in response ? response.content?.['application/problem+json'] : undefined;
  return Object.keys(content?.examples ?? {}) as ErrorCode[];
}

function describeResponses(operation: Operation, schemas: Record<string, JsonSchema>): void {
  const movesMoney = operation.parameters?.some((p) => 'name' in p && p.name === 'Idempotency-Key');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    if (movesMoney && (status.startsWith('2') || status === '404' || status === '422')) {
      response.headers = {
        'Idempotency-Replayed': {
          description: 'true: this is the first answer to this key again; nothing was posted now',
          schema: { type: 'string', enum: ['true'] },
        },
      };
    }
    response.description ||= SUCCESS[status] ?? STATUS_CODES[status] ?? 'Done';
    const json = response.content?.['application/json'];
    const reference = json?.schema && '$ref' in json.schema ? json.schema.$ref : undefined;
    if (!json || !reference) continue;
    const name = schemaName(reference.split('/').at(-1) ?? '');
    json.schema = { $ref: `#/components/schemas/${name}` };
    json.example = exampleOf(schemas[name]);
  }
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
      limit: {
        type: 'object',
        description: 'The limit that the request would pass, and what was left of it when it was declined',
        required: ['limit', 'left', 'currency'],
        properties: {
          limit: { type: 'string', example: '2500.00' },
          left: { type: 'string', example: '120.00' },
          currency: { type: 'string', example: 'USD' },
        },
      },
    },
  };
}

/** /openapi.json, Swagger UI at /docs and ReDoc at /redoc, all from packages on this server. */
export function serveApiDocs(app: NestFastifyApplication): void {
  let document: OpenAPIObject | undefined;
  // Made when somebody asks for it: most processes never do, and the making of it leaves their memory larger.
  SwaggerModule.setup('docs', app, () => (document ??= buildOpenApi(app)), {
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
