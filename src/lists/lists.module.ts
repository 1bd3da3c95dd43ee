import { Module } from '@nestjs/common';
import { ListsController } from './lists.controller';
import { ListsRepository } from './lists.repository';
import { ListsService } from './lists.service';

/** Whom the bank blocks, whom it trusts, and which rules it lets rest for a customer. */
@Module({
  controllers: [ListsController],
  providers: [ListsService, ListsRepository],
})
export class ListsModule {}
