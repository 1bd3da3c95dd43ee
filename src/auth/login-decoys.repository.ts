import { createHmac, hkdfSync } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Environment } from '../config/environment';
import { ENVIRONMENT } from '../config/config.module';
import { Database, type Parameter } from '../database';
import { countWrongTry, isUnlocked, lockedSeconds } from './lockout';

interface Decoy {
  slot: number;
  username_hash: Buffer;
}

const COLUMNS = { failed: 'failed_count', locked_until: 'locked_until' };

/**
 * login_decoys: counts the wrong tries of usernames that nobody has, so that they lock like those that somebody has, and a lock does
 * not tell which exist. There are 65,536 places, so that made-up names fill nothing: a name takes the place of another one.
 */
@Injectable()
export class LoginDecoysRepository {
  private readonly key: Buffer;

  constructor(
    @Inject(ENVIRONMENT) environment: Environment,
    private readonly database: Database,
  ) {
    // Which names share a place must not be guessed, and it must stay when keys of tokens are replaced.
    this.key = Buffer.from(hkdfSync('sha256', environment.CURSOR_SECRET, '', 'florin login decoys', 32));
  }

  /** Seconds until the next try of this name is looked at; 0 when not locked. */
  async lockedSeconds(username: string): Promise<number> {
    const { slot, username_hash } = this.decoy(username);
    const [row] = await this.database.query<{ locked_s: number | string }>(
      `SELECT ${lockedSeconds('locked_until')} AS locked_s FROM login_decoys WHERE slot = ? AND username_hash = ?`,
      [slot, username_hash],
    );
    return Number(row?.locked_s ?? 0);
  }

  /** Counts a wrong try, once for each who calls at once. False when a lock has come up in the meantime. */
  async recordWrong(username: string): Promise<boolean> {
    const { slot, username_hash } = this.decoy(username);
    const count = () =>
      this.changes(
        `UPDATE login_decoys SET ${countWrongTry(COLUMNS)}
         WHERE slot = ? AND username_hash = ? AND ${isUnlocked('locked_until')}`,
        [slot, username_hash],
      );
    return (
      (await count()) ||
      (await this.changes(
        'INSERT IGNORE INTO login_decoys (slot, username_hash, failed_count) VALUES (?, ?, 1)',
        [slot, username_hash],
      )) ||
      (await this.changes(
        'UPDATE login_decoys SET username_hash = ?, failed_count = 1, locked_until = NULL WHERE slot = ? AND username_hash <> ?',
        [username_hash, slot, username_hash],
      )) ||
      count()
    );
  }

  private async changes(sql: string, parameters: readonly Parameter[]): Promise<boolean> {
    return (await this.database.execute(sql, parameters)).affectedRows > 0;
  }

  private decoy(username: string): Decoy {
    const username_hash = createHmac('sha256', this.key).update(username.toLowerCase()).digest();
    return { slot: username_hash.readUInt16BE(0), username_hash };
  }
}
