import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module';
import { AdminModule } from './admin/admin.module';
import { AlertsModule } from './alerts/alerts.module';
import { AnalyticsModule } from './analytics/analytics.module';
import { ApprovalsModule } from './approvals/approvals.module';
import { AuditModule } from './audit/audit.module';
import { AuthModule } from './auth/auth.module';
import { CasesModule } from './cases/cases.module';
import { ConfigModule } from './config/config.module';
import type { Environment } from './config/environment';
import type { Database } from './database';
import { DatabaseModule } from './database/database.module';
import { DeclinesModule } from './declines/declines.module';
import { HealthModule } from './health/health.module';
import { HttpModule } from './http/http.module';
import { LimitsModule } from './limits/limits.module';
import { ListsModule } from './lists/lists.module';
import { MetricsModule } from './metrics/metrics.module';
import { PostingModule } from './posting/posting.module';
import { RateLimitModule } from './rate-limit/rate-limit.module';
import { ModelsModule } from './models/models.module';
import { RulesModule } from './rules/rules.module';
import { TransactionsModule } from './transactions/transactions.module';
import { UsersModule } from './users/users.module';

@Module({})
export class AppModule {
  static register(environment: Environment, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.register(environment),
        DatabaseModule.register(database),
        PostingModule,
        HttpModule,
        AuthModule,
        RateLimitModule,
        HealthModule,
        MetricsModule,
        UsersModule,
        AccountsModule,
        TransactionsModule,
        AdminModule,
        LimitsModule,
        ApprovalsModule,
        AuditModule,
        AnalyticsModule,
        AlertsModule,
        CasesModule,
        DeclinesModule,
        RulesModule,
        ModelsModule,
        ListsModule,
      ],
    };
  }
}
