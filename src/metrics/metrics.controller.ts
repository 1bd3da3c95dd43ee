import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList } from 'node:net';
import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/permissions';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { BankError } from '../errors';
import { ApiErrors } from '../http/api-errors';
import type { BankRequest } from '../http/request-context';
import { MetricsRegistry } from './metrics-registry';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** With one of these a proxy on this machine speaks for someone elsewhere. */
const PROXY_HEADERS = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'];

@ApiTags('Operations')
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    @Inject(ENVIRONMENT) private readonly environment: Environment,
    private readonly metrics: MetricsRegistry,
  ) {}

  @Get()
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Metrics for Prometheus',
    description: 'Open to this machine itself; to others with METRICS_TOKEN as bearer token.',
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiErrors('UNAUTHENTICATED')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  read(@Req() request: BankRequest): Promise<string> {
    if (!isLocal(request) && !this.hasToken(request)) throw new BankError('UNAUTHENTICATED');
    return this.metrics.registry.metrics();
  }

  private hasToken({ headers }: BankRequest): boolean {
    const [, given] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const { METRICS_TOKEN: wanted } = this.environment;
    // Of the same length, whatever was given, so that the comparison takes as long.
    return given !== undefined && wanted !== undefined && timingSafeEqual(digest(given), digest(wanted));
  }
}

/** By the connection's own address: what a proxy says about its client is not asked here. */
function isLocal({ socket, headers }: BankRequest): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const isLoopback = LOOPBACK.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  return isLoopback && PROXY_HEADERS.every((name) => headers[name] === undefined);
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
