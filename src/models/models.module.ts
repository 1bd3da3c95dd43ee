import { Module } from '@nestjs/common';
import { ModelsController } from './models.controller';
import { ModelsRepository } from './models.repository';
import { ModelsService } from './models.service';

/** Versions of the risk model: what they do, the way back to an earlier one, and asking for a new one. */
@Module({ controllers: [ModelsController], providers: [ModelsService, ModelsRepository] })
export class ModelsModule {}
