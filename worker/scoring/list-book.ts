import { factsOf, normalName, type FactName, type LiveRule, type Suppression } from '../../src/risk';

export interface ListEntry {
  list_entry_id: string;
  list: 'block' | 'allow' | 'snooze';
  subject_type: string;
  subject_value: string;
  /** null: all rules. */
  rule_id: string | null;
  /** Milliseconds since 1970; null: until it is removed. */
  expires_at_ms: number | null;
}

/** A customer who takes part in a transaction. */
export interface Party {
  account_id: string;
  user_id: string;
  full_name: string;
}

/** Who and what takes part in a transaction, as far as lists can name it. */
export interface Subjects {
  /** Whose behaviour is judged; null: no customer takes part. */
  sender: Party | null;
  others: readonly Party[];
  merchant: { merchant_id: string; name: string; country: string | null } | null;
  card_id: string | null;
  /** User agent of the last login of the person who asked for it. */
  device: string | null;
  ip: string | null;
  description: string | null;
}

/** Facts of the customer who receives: a snooze of a rule about them is for that customer. */
const FACTS_OF_RECEIVER: ReadonlySet<FactName> = new Set<FactName>(['senders_24h']);

/** The entries of the lists that are in force, found by their subject. */
export class ListBook {
  private readonly entries = new Map<string, ListEntry[]>();
  /** Whether a login of the person has to be looked for. */
  readonly needsLogins: boolean;
  private readonly hasNames: boolean;

  constructor(entries: readonly ListEntry[]) {
    for (const entry of entries) {
      const key = keyOf(entry.subject_type, entry.subject_value);
      this.entries.set(key, [...(this.entries.get(key) ?? []), entry]);
    }
    this.hasNames = entries.some(({ subject_type }) => subject_type === 'name');
    this.needsLogins = entries.some(({ subject_type }) => subject_type === 'device' || subject_type === 'ip');
  }

  get size(): number {
    return this.entries.size;
  }

  /** What of the transaction is on the block-list, in words; null when nothing is. */
  blocked(subjects: Subjects, now_ms: number): string | null {
    for (const [type, value] of keysOf(subjects, this.hasNames)) {
      if (this.inForce(type, value, now_ms).some((entry) => entry.list === 'block'))
        return sayIt(type, value);
    }
    return null;
  }

  /**
   * By which entry a rule does not count. A snooze is for the customer whom the rule is about, an allowance for all who deal, by what
   * the bank has numbered: anybody can take a name. A rule that holds money rests only by an entry that names it.
   */
  suppression(subjects: Subjects, now_ms: number): Suppression {
    const allowed = this.entriesOf([...numberedKeysOf(subjects)], 'allow', now_ms);
    const ofSender = this.entriesOf(partyKeys(subjects.sender ? [subjects.sender] : []), 'snooze', now_ms);
    const ofReceiver = this.entriesOf(partyKeys(subjects.others), 'snooze', now_ms);
    return (rule: LiveRule) => {
      const isOfReceiver = factsOf(rule.condition).some((fact) => FACTS_OF_RECEIVER.has(fact));
      const entry = [...allowed, ...(isOfReceiver ? ofReceiver : ofSender)].find(({ rule_id }) =>
        rule_id === null ? rule.action === 'score' : rule_id === rule.rule_id,
      );
      return entry?.list_entry_id ?? null;
    };
  }

  private entriesOf(keys: readonly Key[], list: ListEntry['list'], now_ms: number): ListEntry[] {
    return keys.flatMap(([type, value]) =>
      this.inForce(type, value, now_ms).filter((entry) => entry.list === list),
    );
  }

  private inForce(type: string, value: string, now_ms: number): ListEntry[] {
    const found = this.entries.get(keyOf(type, value));
    return found?.filter((entry) => entry.expires_at_ms === null || entry.expires_at_ms > now_ms) ?? [];
  }
}

type Key = readonly [type: string, value: string];

function keyOf(type: string, value: string): string {
  return `${type} ${value}`;
}

function partyKeys(parties: readonly Party[]): Key[] {
  return parties.flatMap((party): Key[] => [
    ['account', party.account_id],
    ['user', party.user_id],
  ]);
}

function partiesOf({ sender, others }: Subjects): Party[] {
  return sender ? [sender, ...others] : [...others];
}

/** Who and what takes part by the numbers that the bank gave them. */
function* numberedKeysOf(subjects: Subjects): Generator<Key> {
  yield* partyKeys(partiesOf(subjects));
  if (subjects.merchant) yield ['merchant', subjects.merchant.merchant_id];
  if (subjects.card_id !== null) yield ['card', subjects.card_id];
}

/** Names are made comparable only where an entry has one. */
function* keysOf(subjects: Subjects, withNames: boolean): Generator<Key> {
  yield* numberedKeysOf(subjects);
  const { merchant } = subjects;
  if (merchant?.country) yield ['country', merchant.country];
  if (subjects.device !== null) yield ['device', subjects.device];
  if (subjects.ip !== null) yield ['ip', subjects.ip];
  if (!withNames) return;
  for (const { full_name } of partiesOf(subjects)) yield ['name', normalName(full_name)];
  if (merchant) yield ['name', normalName(merchant.name)];
}

function sayIt(type: string, value: string): string {
  return type === 'name' ? `the name ${value}` : `${type} ${value}`;
}
