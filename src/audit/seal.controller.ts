import { Controller, Get, Header, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public, RequirePermission } from '../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { SealDto, SealHeadDto, SealHeadQueryDto, SealKeysDto } from './seal.dto';
import { SealService } from './seal.service';

@ApiTags('Audit')
@ApiBearerAuth()
@RequirePermission('audit:read')
@Controller('audit/seal')
export class SealController {
  constructor(private readonly seals: SealService) {}

  @Get()
  @ApiOperation({
    summary: 'How far the ledger and the audit log are sealed',
    description:
      'Posted transactions, their entries and audit rows are sealed into a chain of signed hashes, some seconds after they ' +
      'were written. npm run verify-chain recomputes it and names the first row that was changed, added or removed.',
  })
  @ApiOkResponse({ type: SealDto })
  @ApiErrors(...LOGIN_ERRORS)
  state() {
    return this.seals.state();
  }

  @Get('head')
  @Header('content-disposition', 'attachment; filename="florin-seal-head.json"')
  @ApiOperation({
    summary: 'The signed head of the chain, to be kept outside the bank',
    description:
      'Whoever kept it can show later that nothing it covers was changed: npm run verify-chain -- --against FILE.',
  })
  @ApiOkResponse({ type: SealHeadDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'NOT_FOUND')
  head(@Query() { block_id }: SealHeadQueryDto) {
    return this.seals.head(block_id);
  }
}

@ApiTags('Audit')
@Public()
@Controller('audit/seal/keys')
export class SealKeysController {
  constructor(private readonly seals: SealService) {}

  @Get()
  @ApiOperation({
    summary: 'Public keys that heads are signed with',
    description:
      'Open to everyone: an auditor outside the bank writes them down once and compares from then on.',
  })
  @ApiOkResponse({ type: SealKeysDto })
  @ApiErrors()
  keys() {
    return this.seals.publishedKeys();
  }
}
