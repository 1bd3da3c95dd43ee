import type { Queries } from '../../src/database';
import type { History } from './account-profile';
import { ConfirmedFrauds } from './confirmed-frauds';
import { countKnownFrauds, type Experience, experienceOfAccount } from './fraud-experience';
import { readHistoriesAnew } from './fresh-history';
import { computeFeatures, type Features, unitsPerDollar } from './features';
import { LoginReader, type PersonView } from './login-reader';
import { countMerchants, weekOf } from './merchant-activity';
import { ProfileReader } from './profile-reader';
import type { Judged } from './recollection';
import { factsOf, type Leg, readFacts, type TransactionFacts } from './transaction-facts';

/** A posted transaction with its features. */
export interface ScorableTransaction {
  transaction_id: string;
  currency: string;
  /** Decimals of the currency. */
  exponent: number;
  amount_minor: bigint;
  is_high_value: boolean;
  /** Whether a customer's account takes part: only such transactions teach the model. */
  has_sender: boolean;
  features: Features;
}

export interface FeatureReaderOptions {
  /** Memory for profiles of accounts. */
  cache_bytes?: number;
  /** How long labels are believed before they are looked at again. */
  labels_refresh_ms?: number;
  labels_recount_ms?: number;
}

/** The history of each leg, in order. */
type ReadHistories = (legs: readonly Leg[]) => Promise<History[]>;

/** The histories and the person of a transaction. */
interface Background {
  sender: History | null;
  receiver: History | null;
  person: PersonView | null;
}

/**
 * Reads what is needed to judge transactions, a group at once: the transactions and their entries in one query, what profiles of
 * accounts and logins lack in one each. Keeps what it has read in memory, so one reader serves a worker's life.
 */
export class FeatureReader {
  private readonly profiles: ProfileReader;
  private readonly logins: LoginReader;
  private readonly frauds: ConfirmedFrauds;

  constructor(
    private readonly queries: Queries,
    options: FeatureReaderOptions = {},
  ) {
    this.profiles = new ProfileReader(queries, options.cache_bytes);
    this.logins = new LoginReader(queries);
    this.frauds = new ConfirmedFrauds(queries, options.labels_refresh_ms, options.labels_recount_ms);
  }

  /** The transactions that exist, in ascending order, each as it was before itself. */
  async read(transactionIds: readonly string[]): Promise<ScorableTransaction[]> {
    if (transactionIds.length === 0) return [];
    const facts = factsOf(await readFacts(this.queries, transactionIds));
    return this.describe(facts, (legs) => this.profiles.read(legs));
  }

  /** The same of transactions that are not posted yet: each as the next one of its accounts. */
  readProposed(facts: readonly TransactionFacts[]): Promise<ScorableTransaction[]> {
    return this.describe(facts, (legs) => readHistoriesAnew(this.queries, legs));
  }

  private async describe(
    facts: readonly TransactionFacts[],
    readHistories: ReadHistories,
  ): Promise<ScorableTransaction[]> {
    const [backgrounds] = await Promise.all([
      this.readBackgrounds(facts, readHistories),
      this.frauds.refresh(),
    ]);
    const experiences = await this.readExperiences(facts, backgrounds);
    return facts.map((fact, place) =>
      toScorable(fact, backgrounds[place] as Background, experiences[place] ?? null),
    );
  }

  /** Resolves when nothing is being saved any more. */
  settled(): Promise<void> {
    return this.profiles.settled();
  }

  private async readBackgrounds(
    facts: readonly TransactionFacts[],
    readHistories: ReadHistories,
  ): Promise<Background[]> {
    const legs = facts.flatMap(({ sender, receiver }) => [sender, receiver].filter((leg) => leg !== null));
    const asked = facts.filter(({ initiated_by }) => initiated_by !== null);
    const [histories, people] = await Promise.all([
      readHistories(legs),
      this.logins.read(
        asked.map(({ initiated_by, posted_us }) => ({ user_id: initiated_by ?? '', posted_us })),
      ),
    ]);
    const historyOf = new Map(legs.map((leg, place) => [leg, histories[place] as History]));
    const personOf = new Map(asked.map((fact, place) => [fact, people[place] as PersonView]));
    return facts.map((fact) => ({
      sender: fact.sender ? (historyOf.get(fact.sender) ?? null) : null,
      receiver: fact.receiver ? (historyOf.get(fact.receiver) ?? null) : null,
      person: personOf.get(fact) ?? null,
    }));
  }

  /** Of merchants only those are counted where fraud was confirmed: without any, the number of honest ones changes nothing. */
  private async readExperiences(
    facts: readonly TransactionFacts[],
    backgrounds: readonly Background[],
  ): Promise<(Experience | null)[]> {
    const known = facts.map((fact, place) => this.experienceOf(fact, backgrounds[place] as Background));
    const places = known.flatMap((experience, place) => (experience?.confirmed_frauds ? [place] : []));
    const atMerchants = places.filter((place) => facts[place]?.receiver === null);
    const counts = await countMerchants(
      this.queries,
      atMerchants.map((place) => {
        const fact = facts[place] as TransactionFacts;
        return { merchant_id: fact.merchant_id ?? '', week: weekOf(fact.effective_us) };
      }),
    );
    atMerchants.forEach((place, index) => {
      const experience = known[place];
      if (experience) experience.transactions = counts[index] ?? 0;
    });
    return known;
  }

  private experienceOf(fact: TransactionFacts, { receiver, person }: Background): Experience | null {
    if (!this.frauds.isAnyKnownAt(fact.posted_us)) return null;
    if (fact.receiver && receiver)
      return experienceOfAccount(receiver, judgedOf(fact, fact.receiver, person), this.frauds.confirmedAt);
    if (fact.merchant_id === null) return null;
    const frauds = this.frauds.ofMerchant(fact.merchant_id);
    return { transactions: 0, confirmed_frauds: countKnownFrauds(frauds, fact) };
  }
}

function judgedOf(fact: TransactionFacts, leg: Leg, person: PersonView | null): Judged {
  const { movement } = leg;
  return {
    transaction_id: movement.transaction_id,
    effective_us: movement.effective_us,
    posted_us: movement.posted_us,
    amount_minor: movement.amount_minor,
    counterparty: movement.counterparty,
    kind: movement.kind,
    place: movement.place,
    minor_per_major: fact.minor_per_major,
    units_per_dollar: unitsPerDollar(fact.currency),
    // A card network presents a payment whenever it likes: how fast the bank writes is not how fast a person acts.
    person_since_us: fact.has_card ? null : (person?.since_us ?? null),
  };
}

function toScorable(
  fact: TransactionFacts,
  { sender, receiver, person }: Background,
  experience: Experience | null,
): ScorableTransaction {
  const isOwner = fact.sender !== null && fact.initiated_by === fact.sender.user_id && !fact.has_card;
  return {
    transaction_id: fact.transaction_id,
    currency: fact.currency,
    exponent: fact.exponent,
    amount_minor: BigInt(fact.amount_minor),
    is_high_value: fact.is_high_value,
    has_sender: fact.sender !== null,
    features: computeFeatures({
      type: fact.type,
      channel: fact.channel,
      currency: fact.currency,
      mcc: fact.mcc,
      merchant_country: fact.merchant_country,
      amount_minor: Number(fact.amount_minor),
      minor_per_major: fact.minor_per_major,
      is_high_value: fact.is_high_value,
      effective_us: fact.effective_us,
      sender:
        fact.sender && sender
          ? {
              judged: judgedOf(fact, fact.sender, person),
              history: sender,
              balance_before_minor: fact.sender.balance_before_minor,
              opened_us: fact.sender.opened_us,
            }
          : null,
      receiver:
        fact.receiver && receiver
          ? { judged: judgedOf(fact, fact.receiver, person), history: receiver }
          : null,
      experience,
      logins: isOwner ? person : null,
    }),
  };
}
