import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../database';

export interface Merchant {
  name: string;
  mcc: string;
  city?: string | undefined;
  country?: string | undefined;
}

const CACHE_SIZE = 50_000;

/** Merchants are known by name, category, city and country; the first payment to one writes it down. */
@Injectable()
export class MerchantsService {
  private readonly known = new LRUCache<string, string>({ max: CACHE_SIZE });
  /** Merchants being looked up: a batch often names one many times, and asks once. */
  private readonly underWay = new Map<string, Promise<string>>();

  constructor(private readonly database: Database) {}

  /** The merchant's id, new or known. */
  async idOf(merchant: Merchant): Promise<string> {
    const key = merchantKey(merchant);
    const cached = this.known.get(key);
    if (cached) return cached;
    const lookup = this.underWay.get(key) ?? this.lookUp(key, merchant);
    this.underWay.set(key, lookup);
    return lookup;
  }

  private async lookUp(key: string, merchant: Merchant): Promise<string> {
    try {
      const merchantId = (await this.find(key)) ?? (await this.add(key, merchant));
      this.known.set(key, merchantId);
      return merchantId;
    } finally {
      this.underWay.delete(key);
    }
  }

  private async add(key: string, { name, mcc, city, country }: Merchant): Promise<string> {
    // IGNORE: another process may write the same merchant at the same moment.
    await this.database.execute(
      'INSERT IGNORE INTO merchants (merchant_key, name, mcc, city, country) VALUES (UNHEX(?), ?, ?, ?, ?)',
      [key, name, mcc, city ?? null, country ?? null],
    );
    const merchantId = await this.find(key);
    if (!merchantId) throw new Error('the merchant just written is not there');
    return merchantId;
  }

  private async find(key: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ merchant_id: string }>(
      'SELECT merchant_id FROM merchants WHERE merchant_key = UNHEX(?)',
      [key],
    );
    return row && String(row.merchant_id);
  }
}

/** 32 hex digits. Case and outer spaces do not make another merchant. */
export function merchantKey({ name, mcc, city, country }: Merchant): string {
  const form = [name, mcc, city ?? '', country ?? ''].map((part) => part.trim().toLowerCase()).join('\u001f');
  return createHash('sha256').update(form).digest('hex').slice(0, 32);
}
