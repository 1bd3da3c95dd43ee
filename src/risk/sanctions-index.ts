import { LRUCache } from 'lru-cache';
import { jaroWinkler, latinWord, nameWords } from './names';
import { LENGTH_DIFFERENCE_MAX, type LikeWords, toWord, type Word, WordIndex } from './word-index';

export interface SanctionsName {
  name: string;
  list: string;
  country: string | null;
}

export interface SanctionsMatch {
  /** 0 to 1; 1: the same name. */
  similarity: number;
  name: SanctionsName;
}

/** A name or a text, taken apart. */
interface Words {
  words: Word[];
  /** Letters of all words. */
  length: number;
  /** All words written together. */
  joined: string;
}

/** What is looked for, with the words of the index that are like its own. */
interface Given extends Words {
  like: LikeWords[];
}

interface Indexed extends Words {
  source: SanctionsName;
  /** Of each word, in the index of words. */
  places: number[];
}

/** What is less similar is not worth a number. */
const SIMILARITY_MIN = 0.7;
/**
 * A name is looked for by its rarest words that hold this share of its letters: who shares none of them shares too few letters to be
 * similar (of lengths alike, 2c / (n + g) ≥ 0.7 and c ≤ g give c ≥ 0.538 n). Common first names then lead nowhere by themselves.
 */
const TELLING_SHARE = 0.47;
/** How a name is compared with what is given. */
interface Comparison {
  /** Words less alike than that are different words. */
  lowest: number;
  /** How many letters a pair of words counts, by the lengths of both. */
  count: (own: number, given: number) => number;
  /** What is given leads to names by its rarest words, until the others hold less than this share of its letters. */
  leading_share: number;
  /** Letters that count when all of both is the same. */
  total: (nameLength: number, givenLength: number) => number;
}

/** Two whole names: letters of both count. */
const AS_NAMES: Comparison = {
  lowest: 0,
  leading_share: 1 - TELLING_SHARE,
  count: (own, given) => own + given,
  total: (name, given) => name + given,
};
/** A name within a text: letters of the name count. */
const IN_TEXT: Comparison = {
  lowest: 0.93,
  leading_share: 0,
  count: (own) => own,
  total: (name) => name,
};

/** A name of one short word would be found in every second description. */
const TEXT_LENGTH_MIN = 6;
const CACHE_MAX = 50_000;
/** More than any name has; a description is cut there. One bit each in commonLetters. */
const WORDS_MAX = 30;
/** Letters, at the beginning and at the end, by which words that are written together or apart are found. */
const TOGETHER = 5;
const TOGETHER_SIMILARITY_MIN = 0.95;
/** Letters that words written together may lack of those written apart, or have more. */
const TOGETHER_DIFFERENCE_MAX = 2;

/**
 * Finds names under sanctions that are written nearly like a given one. An index of the words leaves few names to be compared in full;
 * answers are kept by the text they were asked for, since a bank sees the same counterparties again and again.
 */
export class SanctionsIndex {
  private readonly names: Indexed[];
  private readonly words: WordIndex;
  /** Places in `names`, by the place of a telling word in `words`. */
  private readonly namesOfWord: readonly (readonly number[])[];
  /** Whether a word, by its place, stands in a name that it does not lead to. */
  private readonly isUntold: readonly boolean[];
  /** Of each name: its letters, and what its words that are not looked for could add, in letters of both sides at most. */
  private readonly lengths: Float32Array;
  private readonly untold: Float32Array;
  private readonly together = new Map<string, number[]>();
  /** Letters that a search has found of each name; zeros between searches. */
  private readonly found: Float32Array;
  private readonly answers = new LRUCache<string, { match: SanctionsMatch | null }>({ max: CACHE_MAX });

  constructor(names: readonly SanctionsName[]) {
    this.names = names
      .map((source) => ({ source, places: [], ...takenApart(wordsOf(source.name)) }))
      .filter((name) => name.words.length > 0);
    this.found = new Float32Array(this.names.length);
    this.lengths = Float32Array.from(this.names, ({ length }) => length);
    const { vocabulary, namesOfWord, untold, isUntold } = tellingWords(this.names);
    this.untold = untold;
    this.words = new WordIndex(vocabulary);
    this.namesOfWord = namesOfWord;
    this.isUntold = isUntold;
    this.names.forEach((name, place) => {
      for (const key of togetherKeys(name)) {
        const places = this.together.get(key);
        if (places) places.push(place);
        else this.together.set(key, [place]);
      }
    });
  }

  get size(): number {
    return this.names.length;
  }

  /** The most similar name to somebody's whole name; null when none has anything to do with it. */
  matchName(name: string): SanctionsMatch | null {
    return this.cached(`n${name}`, () => this.best(takenApart(wordsOf(name)), AS_NAMES, similarityOfNames));
  }

  /** The name that a free text says best. Order and other words do not matter. */
  matchText(text: string): SanctionsMatch | null {
    // Numbers of invoices make every text another one, and are in no name.
    const words = wordsOf(text).filter((word) => !/\d/.test(word));
    return this.cached(`t${words.join(' ')}`, () => this.best(takenApart(words), IN_TEXT, similarityInText));
  }

  private cached(key: string, find: () => SanctionsMatch | null): SanctionsMatch | null {
    if (this.names.length === 0) return null;
    const known = this.answers.get(key);
    if (known) return known.match;
    const match = find();
    this.answers.set(key, { match });
    return match;
  }

  private best(
    taken: Words,
    comparison: Comparison,
    similarity: (name: Indexed, given: Given, above: number) => number,
  ): SanctionsMatch | null {
    const given = { ...taken, like: taken.words.map((word) => this.words.like(word)) };
    let best = SIMILARITY_MIN;
    let found: Indexed | null = null;
    for (const name of this.candidates(given, comparison)) {
      const similar = similarity(name, given, best);
      if (similar <= best) continue;
      best = similar;
      found = name;
      if (similar === 1) break;
    }
    return found && { similarity: best, name: found.source };
  }

  /** `leads` says whether a word leads to every name that it stands in. */
  private rarestFirst({
    words,
    like,
  }: Given): { like: LikeWords; length: number; names: number; leads: boolean }[] {
    return words
      .map(({ text }, index) => {
        const own = like[index] as LikeWords;
        let names = 0;
        let leads = true;
        for (const place of own.keys()) {
          names += (this.namesOfWord[place] as number[]).length;
          leads &&= !this.isUntold[place];
        }
        return { like: own, length: text.length, names, leads };
      })
      .sort((a, b) => a.names - b.names);
  }

  /** Names that share enough letters in telling words with what is given, and those that are the same without spaces. */
  private candidates(given: Given, comparison: Comparison): Indexed[] {
    const touched: number[] = [];
    let rest = given.length;
    for (const { like, length, leads: leadsToAll } of this.rarestFirst(given)) {
      // Words that would be too few by themselves only add to names that rarer ones have led to. One that does not lead to all of its
      // names takes nothing from the others: the name that it is part of would be missed, even when it is written the same.
      const leads = rest >= comparison.leading_share * given.length;
      if (leadsToAll) rest -= length;
      for (const [place, likeness] of like) {
        if (likeness < comparison.lowest) continue;
        const letters = likeness * comparison.count(this.words.lengthOf(place), length);
        for (const name of this.namesOfWord[place] as number[]) {
          const before = this.found[name] as number;
          if (before === 0 && !leads) continue;
          if (before === 0) touched.push(name);
          this.found[name] = before + letters;
        }
      }
    }
    const candidates = new Set<Indexed>();
    for (const place of touched) {
      const most = (this.found[place] as number) + (this.untold[place] as number);
      const total = comparison.total(this.lengths[place] as number, given.length);
      if (most > SIMILARITY_MIN * total) candidates.add(this.names[place] as Indexed);
      this.found[place] = 0;
    }
    for (const key of togetherKeys(given)) {
      for (const place of this.together.get(key) ?? []) {
        const name = this.names[place] as Indexed;
        const isOfLength = Math.abs(name.length - given.length) <= TOGETHER_DIFFERENCE_MAX;
        if (isOfLength && name.words.length !== given.words.length) candidates.add(name);
      }
    }
    return [...candidates];
  }
}

/** All words of names, and of each the names that it tells most about. */
function tellingWords(names: readonly Indexed[]): {
  vocabulary: Word[];
  namesOfWord: number[][];
  untold: Float32Array;
  isUntold: boolean[];
} {
  const uses = new Map<string, number>();
  for (const { words } of names) for (const { text } of words) uses.set(text, (uses.get(text) ?? 0) + 1);
  const vocabulary = [...uses.keys()].map(toWord);
  const placeOf = new Map(vocabulary.map(({ text }, place) => [text, place]));
  const namesOfWord = vocabulary.map((): number[] => []);
  const untold = new Float32Array(names.length);
  const isUntold = vocabulary.map(() => false);
  names.forEach((name, place) => {
    name.places = name.words.map(({ text }) => placeOf.get(text) as number);
    const rarestFirst = [...name.words].sort((a, b) => (uses.get(a.text) ?? 0) - (uses.get(b.text) ?? 0));
    let letters = 0;
    for (const { text } of rarestFirst) {
      if (letters > name.length * TELLING_SHARE) {
        untold[place] = (untold[place] as number) + 2 * text.length + LENGTH_DIFFERENCE_MAX;
        isUntold[placeOf.get(text) as number] = true;
        continue;
      }
      letters += text.length;
      namesOfWord[placeOf.get(text) as number]?.push(place);
    }
  });
  return { vocabulary, namesOfWord, untold, isUntold };
}

/** The signs in front keep beginnings and ends apart. */
function togetherKeys({ joined }: Words): string[] {
  return [`^${joined.slice(0, TOGETHER)}`, `$${joined.slice(-TOGETHER)}`];
}

function wordsOf(text: string): string[] {
  return nameWords(text).map(latinWord);
}

function takenApart(all: readonly string[]): Words {
  const words = [...new Set(all)].slice(0, WORDS_MAX).map(toWord);
  const joined = words.map(({ text }) => text).join('');
  return { words, length: joined.length, joined };
}

/**
 * Of two whole names: the share of letters in words that both have, each by how alike the words are (a Dice coefficient over words).
 * A word too many counts against it, so that a common first name alone matches nobody. Words written together or apart are tried
 * too. 0 when it cannot be above `above`.
 */
function similarityOfNames(name: Indexed, given: Given, above: number): number {
  const letters = name.length + given.length;
  const difference = Math.abs(name.length - given.length);
  if (1 - difference / letters <= above) return 0;
  const dice = commonLetters(name, given, AS_NAMES) / letters;
  if (name.words.length === given.words.length || difference > TOGETHER_DIFFERENCE_MAX) return dice;
  const [start, end] = [given.joined.slice(0, TOGETHER), given.joined.slice(-TOGETHER)];
  if (!name.joined.startsWith(start) && !name.joined.endsWith(end)) return dice;
  const together = jaroWinkler(name.joined, given.joined);
  return Math.max(dice, together >= TOGETHER_SIMILARITY_MIN ? together : 0);
}

/** Of a name within a text: the share of the name's letters that the text has. */
function similarityInText(name: Indexed, given: Given): number {
  if (name.length < TEXT_LENGTH_MIN) return 0;
  const comparison = name.words.length === 1 ? { ...IN_TEXT, lowest: 1 } : IN_TEXT;
  return commonLetters(name, given, comparison) / name.length;
}

/** Letters of words that both have, weighted by how alike these are; each word given counts once. */
function commonLetters(name: Indexed, given: Given, { lowest, count }: Comparison): number {
  let taken = 0;
  let common = 0;
  for (let index = 0; index < name.words.length; index += 1) {
    const word = name.words[index] as Word;
    let best = 0;
    let bestPlace = -1;
    for (let place = 0; place < given.words.length && best < 1; place += 1) {
      if (((taken >> place) & 1) === 1) continue;
      const likeness = (given.like[place] as LikeWords).get(name.places[index] as number) ?? 0;
      if (likeness <= best || likeness < lowest) continue;
      best = likeness;
      bestPlace = place;
    }
    if (bestPlace < 0) continue;
    taken |= 1 << bestPlace;
    common += best * count(word.text.length, (given.words[bestPlace] as Word).text.length);
  }
  return common;
}
