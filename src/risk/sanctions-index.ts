import { LRUCache } from 'lru-cache';
import { jaroWinkler, nameWords, soundOf } from './names';

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
  words: string[];
  /** Of each word. */
  sounds: string[];
  /** Letters of all words. */
  length: number;
}

interface Indexed extends Words {
  source: SanctionsName;
}

/** Words less alike than this are different words. */
const WORD_SIMILARITY_MIN = 0.84;
/** In free text a word must be nearly the same: descriptions are full of other words. */
const TEXT_WORD_SIMILARITY_MIN = 0.93;
/** A name of one short word would be found in every second description. */
const TEXT_LENGTH_MIN = 6;
/** Of a name's letters, in words that begin alike by sound, before it is compared in full. */
const CANDIDATE_SHARE = 0.6;
/** What is less similar is not worth a number. */
const SIMILARITY_MIN = 0.7;
const CACHE_MAX = 50_000;
/** More than any name has; a description is cut there. One bit each in commonLetters. */
const WORDS_MAX = 30;
/** Letters by which words that are written together or apart are found. */
const TOGETHER = 5;
const TOGETHER_SIMILARITY_MIN = 0.95;

/**
 * Finds names under sanctions that are written nearly like a given one. An index by the sounds of the words leaves few to be
 * compared in full; answers are kept by the text they were asked for, since a bank sees the same counterparties again and again.
 */
export class SanctionsIndex {
  private readonly names: Indexed[];
  /** Places in `names` by the sound of a word, with the length of that word. */
  private readonly bySound = new Map<string, { places: number[]; lengths: number[] }>();
  private readonly letters: Uint16Array;
  private readonly answers = new LRUCache<string, { match: SanctionsMatch | null }>({ max: CACHE_MAX });

  constructor(names: readonly SanctionsName[]) {
    this.names = names.map((source) => indexed(source)).filter((name) => name.words.length > 0);
    this.letters = new Uint16Array(this.names.length);
    for (const [place, name] of this.names.entries()) {
      for (const [index, word] of name.words.entries())
        this.put(name.sounds[index] as string, place, word.length);
      this.put(togetherKey(name.words), place, name.length);
    }
  }

  private put(key: string, place: number, length: number): void {
    const found = this.bySound.get(key) ?? { places: [], lengths: [] };
    found.places.push(place);
    found.lengths.push(length);
    this.bySound.set(key, found);
  }

  get size(): number {
    return this.names.length;
  }

  /** The most similar name to somebody's whole name; null when none has anything to do with it. */
  matchName(name: string): SanctionsMatch | null {
    return this.cached(`n${name}`, () => this.best(nameWords(name), similarityOfNames));
  }

  /** The name that a free text says best. Order and other words do not matter. */
  matchText(text: string): SanctionsMatch | null {
    // Numbers of invoices make every text another one, and are in no name.
    const words = nameWords(text).filter((word) => !/\d/.test(word));
    return this.cached(`t${words.join(' ')}`, () => this.best(words, similarityInText));
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
    words: readonly string[],
    similarity: (name: Indexed, given: Words, above: number) => number,
  ): SanctionsMatch | null {
    const given = takenApart(words);
    let best = SIMILARITY_MIN;
    let found: Indexed | null = null;
    for (const name of this.candidates(given)) {
      const similar = similarity(name, given, best);
      if (similar <= best) continue;
      best = similar;
      found = name;
      if (similar === 1) break;
    }
    return found && { similarity: best, name: found.source };
  }

  /** Names of which most letters stand in words that sound like given ones. */
  private candidates({ words, sounds }: Words): Indexed[] {
    const touched: number[] = [];
    for (const sound of new Set([...sounds, togetherKey(words)])) {
      const found = this.bySound.get(sound);
      if (!found) continue;
      for (let index = 0; index < found.places.length; index += 1) {
        const place = found.places[index] as number;
        if (this.letters[place] === 0) touched.push(place);
        this.letters[place] = (this.letters[place] as number) + (found.lengths[index] as number);
      }
    }
    const candidates: Indexed[] = [];
    for (const place of touched) {
      const name = this.names[place] as Indexed;
      if ((this.letters[place] as number) >= name.length * CANDIDATE_SHARE) candidates.push(name);
      this.letters[place] = 0;
    }
    return candidates;
  }
}

/** The sign in front keeps it apart from sounds. */
function togetherKey(words: readonly string[]): string {
  return `=${words.join('').slice(0, TOGETHER)}`;
}

function indexed(source: SanctionsName): Indexed {
  return { source, ...takenApart(nameWords(source.name)) };
}

function takenApart(all: readonly string[]): Words {
  const words = [...new Set(all)].slice(0, WORDS_MAX);
  return {
    words,
    sounds: words.map(soundOf),
    length: words.reduce((sum, word) => sum + word.length, 0),
  };
}

/**
 * Of two whole names: the share of letters in words that both have, each by how alike the words are (a Dice coefficient over words).
 * A word too many counts against it, so that a common first name alone matches nobody. Words written together or apart are tried
 * too. 0 when it cannot be above `above`.
 */
function similarityOfNames(name: Indexed, given: Words, above: number): number {
  const letters = name.length + given.length;
  if ((2 * Math.min(name.length, given.length)) / letters <= above) return 0;
  const dice = (2 * commonLetters(name, given, WORD_SIMILARITY_MIN)) / letters;
  if (name.words.length === given.words.length || Math.abs(name.length - given.length) > 2)
    return Math.min(1, dice);
  const together = jaroWinkler(name.words.join(''), given.words.join(''));
  return Math.min(1, Math.max(dice, together >= TOGETHER_SIMILARITY_MIN ? together : 0));
}

/** Of a name within a text: the share of the name's letters that the text has. */
function similarityInText(name: Indexed, given: Words): number {
  if (name.length < TEXT_LENGTH_MIN) return 0;
  const lowest = name.words.length === 1 ? 1 : TEXT_WORD_SIMILARITY_MIN;
  return Math.min(1, commonLetters(name, given, lowest) / name.length);
}

/** Letters of `name` in words that `given` has too, weighted by how alike they are; each word given counts once. */
function commonLetters(name: Words, given: Words, lowest: number): number {
  let taken = 0;
  let common = 0;
  for (let index = 0; index < name.words.length; index += 1) {
    const word = name.words[index] as string;
    const first = name.sounds[index]?.[0];
    let best = 0;
    let bestPlace = -1;
    for (let place = 0; place < given.words.length && best < 1; place += 1) {
      // Words that begin with another sound are other words.
      if (((taken >> place) & 1) === 1 || given.sounds[place]?.[0] !== first) continue;
      const similar = likeness(word, given.words[place] as string);
      if (similar < lowest || similar <= best) continue;
      best = similar;
      bestPlace = place;
    }
    if (bestPlace < 0) continue;
    taken |= 1 << bestPlace;
    common += best * word.length;
  }
  return common;
}

/** Words of very different lengths are not looked at: one is a part of another name. */
function likeness(a: string, b: string): number {
  if (a === b) return 1;
  if (Math.abs(a.length - b.length) > 3 || a.length < 3 || b.length < 3) return 0;
  return jaroWinkler(a, b);
}
