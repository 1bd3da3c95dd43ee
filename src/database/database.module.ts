import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ENVIRONMENT } from '../config/config.module';
import type { Environment } from '../config/environment';
import { Database } from './database';
import { requireDurableServer } from './server-checks';

@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [ENVIRONMENT],
      useFactory: async (environment: Environment): Promise<Database> => {
        const database = await Database.connect(environment.DATABASE_URL, environment.DATABASE_POOL_SIZE);
        try {
          await requireDurableServer(database, environment.ALLOW_UNSAFE_DURABILITY);
        } catch (error) {
          await database.close();
          throw error;
        }
        return database;
      },
    },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
