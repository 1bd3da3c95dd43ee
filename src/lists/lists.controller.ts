import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RequirePermission } from '../auth/permissions';
import type { Actor } from '../database';
import { ApiErrors, LOGIN_ERRORS } from '../http/api-errors';
import { CurrentActor } from '../http/request-context';
import {
  AddListEntryDto,
  ListEntriesQueryDto,
  ListEntryDto,
  ListEntryListDto,
  ListEntryParams,
  RemoveListEntryDto,
} from './lists.dto';
import { ListsService } from './lists.service';

@ApiTags('Fraud lists')
@ApiBearerAuth()
@Controller('risk/lists')
export class ListsController {
  constructor(private readonly lists: ListsService) {}

  @Get()
  @RequirePermission('risk:read')
  @ApiOperation({
    summary: 'Entries of the block-list, the allow-list and snoozes, newest first, ended ones too',
  })
  @ApiOkResponse({ type: ListEntryListDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'INVALID_CURSOR')
  list(@Query() query: ListEntriesQueryDto) {
    return this.lists.list(query);
  }

  @Get(':list_entry_id')
  @RequirePermission('risk:read')
  @ApiOperation({ summary: 'One entry' })
  @ApiOkResponse({ type: ListEntryDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'LIST_ENTRY_NOT_FOUND')
  get(@Param() { list_entry_id }: ListEntryParams) {
    return this.lists.get(list_entry_id);
  }

  @Post()
  @RequirePermission('lists:manage')
  @ApiOperation({
    summary: 'Block or allow a subject, or snooze a rule for a customer',
    description:
      'What is allowed or snoozed suppresses rules, not the model. The block-list wins always: no allowance suppresses it.',
  })
  @ApiCreatedResponse({ type: ListEntryDto })
  @ApiErrors(
    ...LOGIN_ERRORS,
    'VALIDATION_FAILED',
    'SUBJECT_NOT_FOUND',
    'OWN_AFFAIR',
    'RULE_NOT_FOUND',
    'LIST_ENTRY_EXISTS',
  )
  add(@CurrentActor() actor: Actor, @Body() body: AddListEntryDto) {
    return this.lists.add(actor, body);
  }

  @Delete(':list_entry_id')
  @RequirePermission('lists:manage')
  @ApiOperation({ summary: 'End an entry; it stays to be read' })
  @ApiOkResponse({ type: ListEntryDto })
  @ApiErrors(...LOGIN_ERRORS, 'VALIDATION_FAILED', 'LIST_ENTRY_NOT_FOUND', 'OWN_AFFAIR')
  remove(
    @CurrentActor() actor: Actor,
    @Param() { list_entry_id }: ListEntryParams,
    @Query() { reason }: RemoveListEntryDto,
  ) {
    return this.lists.remove(actor, list_entry_id, reason);
  }
}
