import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type ZodDto } from 'nestjs-zod';
import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

type Dto = ZodDto<z.ZodType> & { name: string };

/** The fields' classes of one route: what it takes, and what it answers with. */
interface RouteDtos {
  takes: Dto[];
  answers: Dto[];
}

/** Metadata key under which @nestjs/swagger keeps the responses of a handler. */
const RESPONSES = 'swagger/apiResponse';

export const operationId = (controller: string, method: string) =>
  `${controller.replace(/Controller$/, '')}_${method}`;

/** Each route's classes by its operationId, from the same decorators that make the document. */
export function routeDtos(app: NestFastifyApplication): Map<string, RouteDtos> {
  const routes = new Map<string, RouteDtos>();
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (!metatype || !prototype) continue;
      for (const method of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[method];
        const responses = handler && (Reflect.getMetadata(RESPONSES, handler) as object | undefined);
        if (!responses) continue;
        const types = (Reflect.getMetadata('design:paramtypes', prototype, method) ?? []) as unknown[];
        const answers = Object.values(responses).map(({ type }: { type?: unknown }) => type);
        routes.set(operationId(metatype.name, method), {
          takes: types.filter(isDto),
          answers: answers.filter(isDto),
        });
      }
    }
  }
  return routes;
}

function isDto(type: unknown): type is Dto {
  return typeof type === 'function' && 'isZodDto' in type;
}

/** A class's JSON Schema (2020-12), as OpenAPI 3.1 has them, of what is sent or of what is answered. */
export function schemaOf(dto: Dto, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(dto.schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // The format says it; the pattern is a screen long.
      if (jsonSchema.format === 'date-time' || jsonSchema.format === 'date') delete jsonSchema.pattern;
      // Answers may gain fields: a client that refuses those it does not know would break.
      if (io === 'output' && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  return schema;
}

/** In an address everything is a string: of what may be a string or a number, only the string. */
export function parameterSchema(schema: JsonSchema): JsonSchema {
  const { anyOf, description: _, ...rest } = schema;
  const strings = anyOf?.filter((option) => typeof option === 'object' && option.type === 'string') ?? [];
  const [only] = strings;
  if (!anyOf) return rest;
  return strings.length === 1 && typeof only === 'object'
    ? { ...only, ...rest }
    : { anyOf: strings, ...rest };
}

/** An example that fits a schema, put together from those of its parts. */
export function exampleOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null;
  const {
    example,
    const: only,
    enum: values,
    type,
    anyOf,
    oneOf,
    items,
    properties,
    format,
  } = schema as JsonSchema;
  if (example !== undefined) return example;
  if (only !== undefined) return only;
  if (values) return values[0];
  if (schemaDefault(schema) !== undefined) return schemaDefault(schema);
  const [option] = anyOf ?? oneOf ?? [];
  if (option !== undefined) return exampleOf(option);
  if (type === 'object') {
    return Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, property]) => [name, exampleOf(property)]),
    );
  }
  if (type === 'array') return [exampleOf(items)];
  if (type === 'string') return format === 'date-time' ? '2026-01-31T10:00:00.000000Z' : 'text';
  if (type === 'boolean') return true;
  return type === 'integer' || type === 'number' ? 1 : null;
}

function schemaDefault(schema: object): unknown {
  return (schema as JsonSchema).default;
}
