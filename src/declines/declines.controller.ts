import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { DeclineListDto, DeclinesQueryDto } from './declines.dto';
import { DeclinesService } from './declines.service';

@ApiTags('Alerts and cases')
@ApiBearerAuth()
@Controller('declined-transactions')
export class DeclinesController {
  constructor(private readonly declines: DeclinesService) {}

  @Get()
  @RequirePermission('risk:read')
  @ApiOperation({
    summary: 'What was asked and declined, newest first, with the rules that decided',
    description: 'What the block-list or a judgement before posting declined has an alert as well.',
  })
  @ApiOkResponse({ type: DeclineListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: DeclinesQueryDto) {
    return this.declines.list(query);
  }
}
