import { BUILT_IN_RULES, type LiveRule } from '../../src/risk';
import { ListBook, type ListEntry, type Subjects } from './list-book';

const NOW = Date.UTC(2026, 2, 11);
const rule = (name: string): LiveRule => {
  const found = BUILT_IN_RULES.find((candidate) => candidate.name === name);
  if (!found) throw new Error(name);
  return { ...found, rule_id: name };
};

const subjects: Subjects = {
  sender: { account_id: '1', user_id: '11', full_name: 'Ada Lovelace' },
  others: [{ account_id: '2', user_id: '12', full_name: 'GROZNÝ, Ivan' }],
  merchant: { merchant_id: '3', name: 'Acme Ltd.', country: 'FR' },
  card_id: '4',
  device: 'curl/8',
  ip: '203.0.113.7',
  description: null,
};

let entries = 0;
const entry = (overrides: Partial<ListEntry>): ListEntry => ({
  list_entry_id: String((entries += 1)),
  list: 'block',
  subject_type: 'account',
  subject_value: '1',
  rule_id: null,
  expires_at_ms: null,
  ...overrides,
});

describe('the block-list', () => {
  it.each([
    ['account', '1', 'account 1'],
    ['account', '2', 'account 2'],
    ['user', '12', 'user 12'],
    ['merchant', '3', 'merchant 3'],
    ['card', '4', 'card 4'],
    ['country', 'FR', 'country FR'],
    ['device', 'curl/8', 'device curl/8'],
    ['ip', '203.0.113.7', 'ip 203.0.113.7'],
    ['name', 'grozny ivan', 'the name grozny ivan'],
    ['name', 'acme ltd', 'the name acme ltd'],
  ])('has a %s', (subject_type, subject_value, said) => {
    const book = new ListBook([entry({ subject_type, subject_value })]);
    expect(book.blocked(subjects, NOW)).toBe(said);
    expect(book.needsLogins).toBe(subject_type === 'device' || subject_type === 'ip');
  });

  it('has nobody else, and nobody any more when time is over', () => {
    expect(new ListBook([entry({ subject_value: '11' })]).blocked(subjects, NOW)).toBeNull();
    expect(new ListBook([entry({ expires_at_ms: NOW })]).blocked(subjects, NOW)).toBeNull();
    expect(new ListBook([entry({ expires_at_ms: NOW + 1 })]).blocked(subjects, NOW)).toBe('account 1');
    expect(new ListBook([entry({ list: 'allow' })]).blocked(subjects, NOW)).toBeNull();
  });
});

describe('what is allowed', () => {
  it('suppresses all rules or one, of whoever takes part', () => {
    const all = entry({ list: 'allow', subject_type: 'merchant', subject_value: '3' });
    expect(new ListBook([all]).suppression(subjects, NOW)(rule('velocity'))).toBe(all.list_entry_id);
    const one = entry({ list: 'allow', subject_type: 'user', subject_value: '12', rule_id: 'velocity' });
    const suppression = new ListBook([one]).suppression(subjects, NOW);
    expect(suppression(rule('velocity'))).toBe(one.list_entry_id);
    expect(suppression(rule('high_value'))).toBeNull();
  });

  it('is a rule that holds money only where an entry names it', () => {
    const everything = entry({ list: 'allow', subject_type: 'user', subject_value: '12' });
    expect(new ListBook([everything]).suppression(subjects, NOW)(rule('sanctions_name'))).toBeNull();
    const named = entry({ list: 'allow', subject_value: '1', rule_id: 'sanctions_name' });
    const suppression = new ListBook([everything, named]).suppression(subjects, NOW);
    expect(suppression(rule('sanctions_name'))).toBe(named.list_entry_id);
    expect(suppression(rule('velocity'))).toBe(everything.list_entry_id);
  });

  it.each([
    ['name', 'grozny ivan'],
    ['name', 'acme ltd'],
    ['device', 'curl/8'],
    ['ip', '203.0.113.7'],
    ['country', 'FR'],
  ])('is nobody by a %s, which customers choose themselves', (subject_type, subject_value) => {
    const book = new ListBook([entry({ list: 'allow', subject_type, subject_value })]);
    expect(book.suppression(subjects, NOW)(rule('velocity'))).toBeNull();
  });

  it('is snoozed for the customer whom the rule is about', () => {
    const snooze = (user: string, name: string) =>
      new ListBook([
        entry({
          list: 'snooze',
          subject_type: 'user',
          subject_value: user,
          rule_id: name,
          expires_at_ms: NOW + 1,
        }),
      ]).suppression(
        subjects,
        NOW,
      )(rule(name));
    expect(snooze('11', 'velocity')).not.toBeNull();
    expect(snooze('12', 'velocity')).toBeNull();
    expect(snooze('12', 'fan_in')).not.toBeNull();
    expect(snooze('11', 'fan_in')).toBeNull();
  });
});
