import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BankError } from '../errors';

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];
const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * JSON and nothing else; an empty body is an empty object, so that optional bodies may be left out and required fields are named
 * one by one; bytes that are not UTF-8 are refused instead of replaced.
 *
 * Fastify is told that these methods have no body, and a hook reads it: its own reading binds each request to an AsyncResource,
 * which costs more than parsing and validating the body (docs/adr/0006).
 * @param limit_bytes more is refused with PAYLOAD_TOO_LARGE
 */
export function readJsonBodies(server: FastifyInstance, limit_bytes: number): void {
  server.removeAllContentTypeParsers();
  for (const method of METHODS) server.addHttpMethod(method, { hasBody: false, overrideExisting: true });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  server.addHook('preValidation', (request, reply, done) => {
    if (request.is404 || !METHODS.includes(request.method)) {
      done();
      return;
    }
    const refusal = refusalOf(request, limit_bytes);
    if (refusal) {
      done(refuse(reply, refusal));
      return;
    }
    readBytes(request, limit_bytes, (error, bytes) => {
      if (error) {
        done(refuse(reply, error));
        return;
      }
      try {
        request.body = bytes.length === 0 ? {} : JSON.parse(decoder.decode(bytes));
      } catch {
        done(new BankError('MALFORMED_JSON'));
        return;
      }
      done();
    });
  });
}

/** What is wrong with a body before any of it was read. */
function refusalOf({ headers }: FastifyRequest, limit_bytes: number): BankError | null {
  const length = headers['content-length'];
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
  const type = headers['content-type'];
  if (type === undefined ? hasBody : !JSON_TYPE.test(type)) return new BankError('UNSUPPORTED_MEDIA_TYPE');
  return Number(length ?? 0) > limit_bytes ? new BankError('PAYLOAD_TOO_LARGE') : null;
}

/** The client may still be sending what nobody will read. */
function refuse(reply: FastifyReply, error: BankError): BankError {
  void reply.header('connection', 'close');
  return error;
}

function readBytes(
  { raw }: FastifyRequest,
  limit_bytes: number,
  done: (error: BankError | null, bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const finish = (error: BankError | null) => {
    raw.off('data', onData).off('end', onEnd).off('error', onError);
    done(error, chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
  };
  const onData = (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit_bytes) finish(new BankError('PAYLOAD_TOO_LARGE'));
  };
  const onEnd = () => finish(null);
  // The connection was lost, so nobody reads the answer.
  const onError = () => finish(new BankError('MALFORMED_JSON'));
  raw.on('data', onData).on('end', onEnd).on('error', onError);
}
