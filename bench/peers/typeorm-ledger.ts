import { Column, DataSource, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { connectionOptions } from '../../src/database/connection';
import { freshKey, type Transfer } from '../client/transfers';

@Entity('peer_accounts')
class PeerAccount {
  @PrimaryColumn({ type: 'bigint', unsigned: true })
  account_id!: string;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  @Column({ type: 'varchar', length: 8 })
  status!: string;

  @Column({ type: 'bigint' })
  balance_minor!: string;
}

@Entity('peer_transactions')
class PeerTransaction {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  transaction_id!: string;

  @Column({ type: 'char', length: 32 })
  idempotency_key!: string;

  @Column({ type: 'char', length: 3 })
  currency!: string;

  @Column({ type: 'bigint' })
  amount_minor!: string;
}

@Entity('peer_entries')
class PeerEntry {
  @PrimaryGeneratedColumn({ type: 'bigint', unsigned: true })
  entry_id!: string;

  @Column({ type: 'bigint', unsigned: true })
  transaction_id!: string;

  @Column({ type: 'bigint', unsigned: true })
  account_id!: string;

  @Column({ type: 'bigint' })
  amount_minor!: string;

  @Column({ type: 'bigint' })
  balance_after_minor!: string;
}

/** A transfer as it is commonly written with NestJS and TypeORM: entities, a transaction, pessimistic locks. */
export class TypeOrmLedger {
  private constructor(private readonly dataSource: DataSource) {}

  static async connect(databaseUrl: string, poolSize: number): Promise<TypeOrmLedger> {
    const { host, port, user, password, database } = connectionOptions(databaseUrl);
    const dataSource = new DataSource({
      type: 'mysql',
      host,
      port,
      username: user,
      password,
      database,
      poolSize,
      supportBigNumbers: true,
      bigNumberStrings: true,
      entities: [PeerAccount, PeerTransaction, PeerEntry],
    });
    return new TypeOrmLedger(await dataSource.initialize());
  }

  transfer({ from, to, amount }: Transfer): Promise<void> {
    return this.dataSource.transaction('READ COMMITTED', async (manager) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const sender = await manager.findOneOrFail(PeerAccount, { where: { account_id: from }, lock });
      const receiver = await manager.findOneOrFail(PeerAccount, { where: { account_id: to }, lock });
      if (BigInt(sender.balance_minor) < amount) throw new Error('INSUFFICIENT_FUNDS');
      sender.balance_minor = String(BigInt(sender.balance_minor) - BigInt(amount));
      receiver.balance_minor = String(BigInt(receiver.balance_minor) + BigInt(amount));
      await manager.save([sender, receiver]);
      const transaction = await manager.save(PeerTransaction, {
        idempotency_key: freshKey(),
        currency: sender.currency,
        amount_minor: String(amount),
      });
      await manager.save(PeerEntry, [
        entry(transaction.transaction_id, sender, -amount),
        entry(transaction.transaction_id, receiver, amount),
      ]);
    });
  }

  close(): Promise<void> {
    return this.dataSource.destroy();
  }
}

function entry(transactionId: string, account: PeerAccount, amount: number): Partial<PeerEntry> {
  return {
    transaction_id: transactionId,
    account_id: account.account_id,
    amount_minor: String(amount),
    balance_after_minor: account.balance_minor,
  };
}
