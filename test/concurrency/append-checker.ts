/**
 * A history of clients that append to lists and read them, checked after the manner of Elle (Kingsbury and Alvaro, "Elle: Inferring
 * Isolation Anomalies from Experimental Observations", VLDB 2020), simplified: an account's entries are the list, a transfer appends to
 * two of them at once. Times are of one clock, in any unit.
 */
export interface Write {
  client: number;
  /** What nothing else has: it is found again in the lists. */
  name: string;
  lists: string[];
  startedAt: number;
  endedAt: number;
  isAcknowledged: boolean;
}

export interface Read {
  client: number;
  list: string;
  /** Oldest first. */
  names: string[];
  startedAt: number;
  endedAt: number;
}

/** A balance alone, without the entries it is made of. */
export interface BalanceRead {
  client: number;
  list: string;
  balance: bigint;
  startedAt: number;
  endedAt: number;
}

export interface AppendHistory {
  writes: Write[];
  reads: Read[];
  balanceReads: BalanceRead[];
  /** Each list as it is in the end, oldest first, with the balance after each entry. */
  lists: Map<string, { name: string; balance: bigint }[]>;
}

/** What no serial order of the operations, in keeping with the clock, could have brought forth. Empty: all is well. */
export function anomaliesOf(history: AppendHistory): string[] {
  const local = [
    ...lostOrDoubled(history),
    ...history.reads.flatMap((read) => anomaliesOfRead(read, history)),
  ];
  const balances = history.balanceReads.flatMap((read) => anomaliesOfBalance(read, history));
  const found = [...local, ...goingBack(history.reads), ...balances];
  // Positions in the lists say nothing as long as the lists themselves are wrong.
  return found.length > 0 ? found : cycles(history);
}

function lostOrDoubled({ writes, lists }: AppendHistory): string[] {
  const found: string[] = [];
  const asked = new Set(writes.map(({ name }) => name));
  for (const [list, entries] of lists) {
    const counts = new Map<string, number>();
    for (const { name } of entries) counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const [name, count] of counts) {
      if (!asked.has(name)) found.push(`${list} has ${name}, which nobody sent`);
      if (count > 1) found.push(`${list} has ${name} ${count} times`);
    }
    for (const write of writes)
      if (write.isAcknowledged && write.lists.includes(list) && !counts.has(write.name))
        found.push(`lost update: ${write.name} was acknowledged and is not in ${list}`);
  }
  for (const { name, lists: both } of writes) {
    const places = both.filter((list) => lists.get(list)?.some((entry) => entry.name === name));
    if (places.length !== 0 && places.length !== both.length)
      found.push(`torn write: ${name} is in ${places.join(' ')} alone`);
  }
  return found;
}

function anomaliesOfRead(read: Read, { writes, lists }: AppendHistory): string[] {
  const final = (lists.get(read.list) ?? []).map(({ name }) => name);
  const who = `client ${read.client} read ${read.list}`;
  if (read.names.some((name, place) => final[place] !== name))
    return [`${who} out of order: no prefix of its end`];
  const seen = new Set(read.names);
  return writes
    .filter((write) => write.isAcknowledged && write.lists.includes(read.list))
    .filter((write) => write.endedAt < read.startedAt && !seen.has(write.name))
    .map(
      (write) =>
        `stale read: ${who} without ${write.client === read.client ? 'its own ' : ''}${write.name}, acknowledged before`,
    );
}

/** A read that began after another had ended may not see less. */
function goingBack(reads: Read[]): string[] {
  const found: string[] = [];
  for (const later of reads)
    for (const earlier of reads)
      if (
        later.list === earlier.list &&
        earlier.endedAt < later.startedAt &&
        later.names.length < earlier.names.length
      )
        found.push(
          `non-monotonic read: client ${later.client} saw ${later.names.length} entries of ${later.list} after client ${earlier.client} had seen ${earlier.names.length}`,
        );
  return found;
}

/** A balance must be that of a prefix which has all that was acknowledged before, and nothing that was sent later. */
function anomaliesOfBalance(read: BalanceRead, { writes, lists }: AppendHistory): string[] {
  const entries = lists.get(read.list) ?? [];
  const byName = new Map(writes.map((write) => [write.name, write]));
  const isBefore = ({ name }: { name: string }) => (byName.get(name)?.endedAt ?? Infinity) < read.startedAt;
  const isPossible = ({ name }: { name: string }) => (byName.get(name)?.startedAt ?? Infinity) < read.endedAt;
  const atLeast = entries.findLastIndex(isBefore) + 1;
  const firstImpossible = entries.findIndex((entry) => !isPossible(entry));
  const atMost = firstImpossible === -1 ? entries.length : firstImpossible;
  for (let count = atLeast; count <= atMost; count += 1)
    if ((count === 0 ? 0n : entries[count - 1]?.balance) === read.balance) return [];
  return [`client ${read.client} read a balance of ${read.list} that no prefix of it has: ${read.balance}`];
}

interface Operation {
  label: string;
  startedAt: number;
  endedAt: number;
}

/**
 * Operations that must have come before one another in a circle: by their places in the lists, by what reads saw and did not see, and by
 * the clock.
 */
function cycles(history: AppendHistory): string[] {
  const { writes, reads, lists } = history;
  const writeOf = new Map<string, Operation>(
    writes.map((write) => [write.name, { ...write, label: write.name }]),
  );
  const operations = [...writeOf.values()];
  const after = new Map<Operation, Set<Operation>>();
  const order = (first: Operation | undefined, second: Operation | undefined) => {
    if (first && second && first !== second) after.set(first, (after.get(first) ?? new Set()).add(second));
  };
  for (const entries of lists.values())
    for (const [place, { name }] of entries.entries())
      order(writeOf.get(name), writeOf.get(entries[place + 1]?.name ?? ''));
  for (const read of reads) {
    const operation: Operation = { ...read, label: `a read of ${read.list}` };
    operations.push(operation);
    const entries = lists.get(read.list) ?? [];
    order(writeOf.get(read.names.at(-1) ?? ''), operation);
    order(operation, writeOf.get(entries[read.names.length]?.name ?? ''));
  }
  for (const first of operations)
    for (const second of operations) if (first.endedAt < second.startedAt) order(first, second);
  return unsorted(operations, after).map(
    (operation) => `in a circle of what came before what: ${operation.label}`,
  );
}

/** What is left when whatever has nothing before it is taken away, again and again. */
function unsorted(operations: Operation[], after: Map<Operation, Set<Operation>>): Operation[] {
  const before = new Map(operations.map((operation) => [operation, 0]));
  for (const targets of after.values())
    for (const target of targets) before.set(target, (before.get(target) ?? 0) + 1);
  const free = operations.filter((operation) => before.get(operation) === 0);
  for (let next = free.pop(); next; next = free.pop()) {
    for (const target of after.get(next) ?? []) {
      const left = (before.get(target) ?? 0) - 1;
      before.set(target, left);
      if (left === 0) free.push(target);
    }
    before.delete(next);
  }
  return [...before.keys()];
}
