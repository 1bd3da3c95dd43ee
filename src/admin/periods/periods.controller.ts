import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { RequirePermission, StepUp } from '../../auth/permissions';
import type { Actor } from '../../database';
import { ApiErrors, LOGIN_ERRORS } from '../../http/api-errors';
import { momentField } from '../../http/fields';
import { CurrentActor } from '../../http/request-context';
import { PeriodsService } from './periods.service';

export class ClosePeriodDto extends createZodDto(
  z.strictObject({
    until: momentField.meta({
      description: 'The books close before this moment; a day means its beginning in UTC',
      example: '2026-01-01',
    }),
  }),
) {}

export class PeriodsDto extends createZodDto(
  z.object({
    closed_until: z.string().nullable().meta({
      description: 'Nothing can be back-dated to before it; null: no period was closed yet',
      example: '2026-01-01T00:00:00.000000Z',
    }),
  }),
) {}

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/periods')
export class PeriodsController {
  constructor(private readonly periods: PeriodsService) {}

  @Get()
  @RequirePermission('ledger:close_period', 'audit:read')
  @ApiOperation({ summary: 'Until when the books are closed' })
  @ApiOkResponse({ type: PeriodsDto })
  @ApiErrors(...LOGIN_ERRORS)
  read() {
    return this.periods.read();
  }

  @Post('close')
  @HttpCode(200)
  @RequirePermission('ledger:close_period')
  @StepUp()
  @ApiOperation({
    summary: 'Close the books of a period for good',
    description: 'Waits for back-dated postings that are under way. A closed period is never opened again.',
  })
  @ApiOkResponse({ type: PeriodsDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'PERIOD_IN_FUTURE', 'PERIOD_ALREADY_CLOSED')
  close(@CurrentActor() actor: Actor, @Body() { until }: ClosePeriodDto) {
    return this.periods.close(actor, until);
  }
}
