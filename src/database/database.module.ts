import { type DynamicModule, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { Database } from './database';
import { requireDurableServer } from './server-checks';

/** Connects, and refuses a server that could lose what it acknowledged. */
export async function connectDatabase(environment: Environment): Promise<Database> {
  const database = await Database.connect(environment.DATABASE_URL, environment.DATABASE_POOL_SIZE);
  try {
    await requireDurableServer(database, environment.ALLOW_UNSAFE_DURABILITY);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

@Global()
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(@Inject(Database) private readonly database: Database) {}

  static register(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.close();
  }
}
