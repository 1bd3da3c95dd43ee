import { randomBytes } from 'node:crypto';
import type { Workload, World } from './protocol';

export interface Transfer {
  from: string;
  to: string;
  /** Index of the sender's owner. */
  owner: number;
  /** Minor units, 1.00 to 99.99. */
  amount: number;
}

/** Draws transfers of a workload. */
export function transferSource({ accounts, owners }: World, workload: Workload): () => Transfer {
  let drawn = 0;
  const any = () => Math.floor(Math.random() * accounts.length);
  const pick = (): [number, number] => {
    const one = any();
    const shift = 1 + Math.floor(Math.random() * (accounts.length - 1));
    if (workload === 'spread') return [one, (one + shift) % accounts.length];
    const other = workload === 'hot' ? shift : 1;
    return drawn % 2 === 0 ? [0, other] : [other, 0];
  };
  return () => {
    drawn += 1;
    const [from, to] = pick();
    return {
      from: accounts[from] ?? '',
      to: accounts[to] ?? '',
      owner: owners[from] ?? 0,
      amount: 100 + Math.floor(Math.random() * 9_900),
    };
  };
}

/** 32 hex digits, of which no two are the same in any run. */
export function freshKey(): string {
  return randomBytes(16).toString('hex');
}
