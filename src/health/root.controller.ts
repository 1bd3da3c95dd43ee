import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../auth/permissions';
import { PROCEDURES_DIRECTORY } from '../database/database-objects';
import { WelcomeDto } from './dto/health.dto';

const { name, version } = JSON.parse(
  readFileSync(resolve(PROCEDURES_DIRECTORY, '..', 'package.json'), 'utf8'),
) as { name: string; version: string };

/** What someone sees who opens the API's address in a browser. */
@ApiTags('Operations')
@Public()
@Controller()
export class RootController {
  @Get()
  @ApiOperation({ summary: 'Where to go from here' })
  @ApiOkResponse({ type: WelcomeDto.Output })
  welcome() {
    return {
      name,
      version,
      links: { docs: '/docs', redoc: '/redoc', openapi: '/openapi.json', health: '/health' },
    };
  }
}
