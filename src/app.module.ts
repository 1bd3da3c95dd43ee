import { type DynamicModule, Module } from '@nestjs/common';
import { AuthModule } from './auth/auth.module';
import { ConfigModule } from './config/config.module';
import type { Environment } from './config/environment';
import { DatabaseModule } from './database/database.module';
import { HttpModule } from './http/http.module';
import { PostingModule } from './posting/posting.module';
import { RateLimitModule } from './rate-limit/rate-limit.module';

@Module({})
export class AppModule {
  static register(environment: Environment): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(environment),
        DatabaseModule,
        PostingModule,
        HttpModule,
        AuthModule,
        RateLimitModule,
      ],
    };
  }
}
