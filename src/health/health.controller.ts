import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/permissions';
import { AliveDto, ReadinessDto } from './dto/health.dto';
import { HealthService, type Readiness } from './health.service';

@ApiTags('Operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @ApiOperation({ summary: 'Whether the process is alive', description: 'Asks nothing of anyone else.' })
  @ApiOkResponse({ type: AliveDto.Output })
  alive() {
    return { status: 'ok' as const };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether the API can serve',
    description:
      'Unavailable without the database, or when a procedure, view or trigger is not the one that was loaded. ' +
      'Redis away, or an outbox that nobody empties, is degraded: money still moves.',
  })
  @ApiOkResponse({ type: ReadinessDto.Output })
  @ApiServiceUnavailableResponse({ type: ReadinessDto.Output })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    void reply.status(readiness.status === 'ready' ? 200 : 503).header('cache-control', 'no-store');
    return readiness;
  }
}
