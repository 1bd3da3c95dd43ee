import { Global, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { ZodValidationPipe } from 'nestjs-zod';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { CursorSigner } from './cursor';
import { ProblemFilter } from './problem.filter';

@Global()
@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: ZodValidationPipe },
    {
      provide: CursorSigner,
      inject: [ENVIRONMENT],
      useFactory: (environment: Environment) => new CursorSigner(environment.CURSOR_SECRET),
    },
  ],
  exports: [CursorSigner],
})
export class HttpModule {}
