import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../../auth/permissions';
import { ApiErrors, LOGIN_ERRORS } from '../../http/api-errors';
import { AdminTransactionListDto, AdminTransactionsQueryDto } from './admin-transactions.dto';
import { AdminTransactionsService } from './admin-transactions.service';

@ApiTags('Administration')
@ApiBearerAuth()
@Controller('admin/transactions')
export class AdminTransactionsController {
  constructor(private readonly transactions: AdminTransactionsService) {}

  @Get()
  @RequirePermission('transactions:read_all')
  @ApiOperation({
    summary: 'All transactions with their entries and fraud verdicts, newest first',
    description: 'In the order in which the bank wrote them; from and to are of effective_at.',
  })
  @ApiOkResponse({ type: AdminTransactionListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: AdminTransactionsQueryDto) {
    return this.transactions.list(query);
  }
}
