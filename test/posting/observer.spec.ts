import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ConfigModule } from '../../src/config/config.module';
import { loadEnvironment } from '../../src/config/environment';
import { PostingQueue } from '../../src/posting';
import { type BatchObserver, POSTING_OBSERVER, PostingModule } from '../../src/posting/posting.module';
import { createTestBank, type TestBank } from '../support/bank';
import * as p from '../support/postings';

class BrokenObserver implements BatchObserver {
  static calls = 0;

  itemsDecided(): void {
    this.fail();
  }

  batchPosted(): void {
    this.fail();
  }

  batchRetried(): void {
    this.fail();
  }

  private fail(): void {
    BrokenObserver.calls += 1;
    throw new Error('cannot measure');
  }
}

@Global()
@Module({
  providers: [{ provide: POSTING_OBSERVER, useClass: BrokenObserver }],
  exports: [POSTING_OBSERVER],
})
class BrokenObserverModule {}

describe('an observer of the posting queue that throws', () => {
  let bank: TestBank;

  beforeAll(async () => {
    bank = await createTestBank();
  });
  afterAll(() => bank.close());

  it('does not turn what is committed into an error', async () => {
    const { user_id } = await bank.createUser();
    const account = await bank.openAccount(user_id);
    const app = await NestFactory.createApplicationContext(
      {
        module: class TestModule {},
        imports: [
          ConfigModule.register(loadEnvironment(bank.environment)),
          BrokenObserverModule,
          PostingModule,
        ],
      },
      { logger: false },
    );
    const outcomes = await app.get(PostingQueue).submit([p.deposit(account, 5n)]);
    await app.close();
    expect(outcomes.map((outcome) => outcome.code)).toEqual(['OK']);
    expect((await p.fundsOf(bank.owner, account)).balance).toBe(5n);
    expect(BrokenObserver.calls).toBe(2);
  });
});
