import { MINUTE, type Period } from './calendar';
import { account, biller, clockOf, payment, reversal, transfer, withdrawal, type Clock } from './items';
import type { Biller } from './merchants';
import { minor } from './people';
import { certain, type Candidate, type PlannedItem } from './plan';

/** What somebody who looks for fraud should find. */
export function suspiciousPatterns(period: Period): Candidate[] {
  const clock = clockOf(period);
  return [
    ...nightBurst(clock),
    ...structuring(clock),
    ...stolenCard(clock),
    ...hugeTransfer(clock),
    ...safeAccount(clock),
  ];
}

/** Eight transfers in half an hour of the night to somebody who was never paid before; the receiver is frozen next morning. */
function nightBurst(clock: Clock): Candidate[] {
  const amounts = [480, 610, 690, 740, 820, 895, 940, 990];
  const wallet = account('seun', 'wallet');
  const burst = amounts.map((major, index) => ({
    ...transfer(
      `burst ${index + 1}`,
      clock(9, '02:07') + index * 4 * MINUTE,
      account('mei', 'checking'),
      wallet,
      minor(major),
    ),
    channel: 'mobile',
    description: 'Invoice',
    is_fraud: true,
  }));
  const attempt = (name: string, at: number, to?: string): Candidate => {
    const out: PlannedItem = to
      ? { ...transfer(name, at, wallet, to, minor(2_000)) }
      : { ...withdrawal(name, at, 'seun', 900), debit: wallet, card: undefined };
    return certain(out, { wanted: 'ACCOUNT_FROZEN' });
  };
  return [
    ...burst.map((item) => certain(item)),
    { at: clock(9, '08:40'), make: () => ({ freeze: wallet, actor: 'admin' }) },
    attempt('frozen cash', clock(9, '09:15')),
    attempt('frozen transfer', clock(9, '09:22'), account('seun', 'checking')),
    ...burst
      .slice(-3)
      .map((item, index) =>
        certain(
          reversal(
            `${item.name} reversed`,
            clock(9, `10:3${index}`),
            item.name,
            'Reported by the customer as fraud',
          ),
        ),
      ),
  ];
}

/** Cash kept under the reporting threshold of 10,000, then all of it moved on late in the evening. */
function structuring(clock: Clock): Candidate[] {
  const deposits: [days: number, time: string, major: number][] = [
    [33, '11:05', 9_400],
    [31, '15:40', 9_850],
    [28, '10:20', 9_100],
    [26, '16:05', 9_700],
    [22, '11:50', 9_900],
    [20, '14:15', 9_250],
  ];
  const nightCash = ['01:12', '01:19', '01:31', '01:44'];
  return [
    ...deposits.map(([days, time, major], index) =>
      certain({
        name: `structuring ${index + 1}`,
        at: clock(days, time),
        type: 'deposit',
        currency: 'USD',
        amount: minor(major),
        credit: account('jose', 'checking'),
        channel: 'branch',
        description: 'Cash deposit',
        actor: 'jose',
      }),
    ),
    certain({
      ...transfer(
        'moved on',
        clock(16, '23:48'),
        account('jose', 'checking'),
        account('seun', 'checking'),
        minor(56_400),
      ),
      channel: 'mobile',
      description: 'Investment',
      is_fraud: true,
    }),
    ...nightCash.map((time) =>
      certain({ ...withdrawal(`night cash ${time}`, clock(15, time), 'seun', 980), is_fraud: true }),
    ),
  ];
}

/** A card of Chicago that is tried with small amounts in Mumbai at night, then used for large ones. */
function stolenCard(clock: Clock): Candidate[] {
  const uses: [time: string, biller: Biller, major: number][] = [
    ['03:02', 'music', 1],
    ['03:03', 'music', 1],
    ['03:05', 'streaming', 4.99],
    ['03:11', 'jeweller', 1_480],
    ['03:16', 'casino', 950],
  ];
  const used = uses.map(([time, at, major]) => ({
    ...payment(`stolen ${time}`, clock(5, time), 'bob', biller('arjun', at), major),
    channel: 'online',
    is_fraud: true,
  }));
  return [
    ...used.map((item) => certain(item)),
    ...used
      .slice(-2)
      .map((item, index) =>
        certain(
          reversal(`${item.name} reversed`, clock(4, `09:2${index}`), item.name, 'Card reported stolen'),
        ),
      ),
  ];
}

/** Most of somebody's savings, in the small hours. */
function hugeTransfer(clock: Clock): Candidate[] {
  const item = transfer(
    'urgent',
    clock(18, '03:14'),
    account('arjun', 'savings', 'INR'),
    account('priya', 'savings', 'INR'),
    minor(450_000),
  );
  return [certain({ ...item, channel: 'mobile', description: 'Urgent, please confirm' })];
}

/** A caller who says he is the bank talks somebody into moving her savings to a "safe account" in the middle of the night. */
function safeAccount(clock: Clock): Candidate[] {
  const item = transfer(
    'safe account',
    clock(13, '03:06'),
    account('mei', 'savings'),
    account('jose', 'checking'),
    minor(21_500),
  );
  return [certain({ ...item, channel: 'mobile', description: 'Safe account, case 4471', is_fraud: true })];
}
