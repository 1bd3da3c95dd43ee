import { LRUCache } from 'lru-cache';
import { jaro, jaroWinkler, skeletonOf } from './names';

/** How alike words of the index, by their places, are to a given one: above 0, at most 1. Others are different words. */
export type LikeWords = ReadonlyMap<number, number>;

/** Words less alike than this are different words; those that begin differently have no common beginning to show for it. */
const LIKENESS_MIN = 0.84;
const LIKENESS_MIN_OTHER_START = 0.86;
/** Words of the same consonants, by how many of these there are. */
const SAME_SKELETON = 0.92;
const SAME_SHORT_SKELETON = 0.86;
const SKELETON_LENGTH = 3;
/** Words of more different lengths are different words. */
export const LENGTH_DIFFERENCE_MAX = 3;
const LETTERS_MIN = 3;
/** What Winkler's bonus can add of what Jaro's measure lacks to 1. */
const PREFIX_BONUS_MAX = 0.4;
const BUCKETS_A_WORD = 8;
const CACHE_MAX = 20_000;

/** A word as it is compared. */
export interface Word {
  text: string;
  skeleton: string;
  /** Which letters it has, a bit each. */
  letters: number;
}

export function toWord(text: string): Word {
  let letters = 0;
  for (let at = 0; at < text.length; at += 1) letters |= 1 << (text.charCodeAt(at) & 31);
  return { text, skeleton: skeletonOf(text), letters };
}

/** How alike two words of names are, 0 to 1; 0: they are different words. */
export function wordLikeness(one: Word, other: Word): number {
  const [a, b] = [one.text, other.text];
  if (a === b) return 1;
  const difference = Math.abs(a.length - b.length);
  if (difference > LENGTH_DIFFERENCE_MAX || a.length < LETTERS_MIN || b.length < LETTERS_MIN) return 0;
  const sounded = one.skeleton === other.skeleton ? soundLikeness(one.skeleton.length, difference) : 0;
  const isSameStart = a[0] === b[0];
  const lowest = isSameStart ? LIKENESS_MIN : LIKENESS_MIN_OTHER_START;
  // Most pairs are told apart by letters that only one of them has.
  const common = Math.min(a.length - onlyIn(one, other), b.length - onlyIn(other, one));
  const most = (common / a.length + common / b.length + 1) / 3;
  if ((isSameStart ? most + PREFIX_BONUS_MAX * (1 - most) : most) < lowest) return sounded;
  const written = isSameStart ? jaroWinkler(a, b) : jaro(a, b);
  return Math.max(sounded, written >= lowest ? written : 0);
}

/** How many letters of a word the other one lacks, at least. */
function onlyIn(word: Word, other: Word): number {
  let rest = word.letters & ~other.letters;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function soundLikeness(consonants: number, lengthDifference: number): number {
  if (consonants >= SKELETON_LENGTH) return SAME_SKELETON;
  return consonants === SKELETON_LENGTH - 1 && lengthDifference <= 1 ? SAME_SHORT_SKELETON : 0;
}

/**
 * Finds the words that are like a given one. Each word stands under several keys: itself, itself without each of its letters (so that
 * one letter that is wrong, missing, too many or exchanged with its neighbour does not matter, wherever it stands; W. Garbe's
 * symmetric deletes, 2012), and the first and the last consonants of its skeleton. Answers are kept: first names come again and again.
 */
export class WordIndex {
  /** Places of words by bucket: those of bucket b stand from starts[b] to before starts[b + 1]. */
  private readonly starts: Uint32Array;
  private readonly places: Uint32Array;
  private readonly mask: number;
  /** The last search that met a word. */
  private readonly met: Uint32Array;
  private search = 0;
  private readonly answers = new LRUCache<string, LikeWords>({ max: CACHE_MAX });

  constructor(private readonly words: readonly Word[]) {
    let buckets = 1;
    while (buckets < words.length * BUCKETS_A_WORD) buckets *= 2;
    this.mask = buckets - 1;
    this.met = new Uint32Array(words.length);
    const keys = words.map(keysOf);
    this.starts = new Uint32Array(buckets + 1);
    for (const key of keys.flat()) add(this.starts, (key & this.mask) + 1, 1);
    for (let bucket = 0; bucket < buckets; bucket += 1)
      add(this.starts, bucket + 1, this.starts[bucket] as number);
    const next = this.starts.slice();
    this.places = new Uint32Array(this.starts[buckets] as number);
    keys.forEach((own, place) => {
      for (const key of own) {
        const bucket = key & this.mask;
        this.places[next[bucket] as number] = place;
        add(next, bucket, 1);
      }
    });
  }

  lengthOf(place: number): number {
    return (this.words[place] as Word).text.length;
  }

  like(word: Word): LikeWords {
    const known = this.answers.get(word.text);
    if (known) return known;
    const found = this.find(word);
    this.answers.set(word.text, found);
    return found;
  }

  private find(word: Word): LikeWords {
    const found = new Map<number, number>();
    this.search += 1;
    for (const key of keysOf(word)) {
      const bucket = key & this.mask;
      for (let at = this.starts[bucket] as number; at < (this.starts[bucket + 1] as number); at += 1) {
        const place = this.places[at] as number;
        if (this.met[place] === this.search) continue;
        this.met[place] = this.search;
        const likeness = wordLikeness(word, this.words[place] as Word);
        if (likeness > 0) found.set(place, likeness);
      }
    }
    return found;
  }
}

function add(numbers: Uint32Array, at: number, amount: number): void {
  numbers[at] = (numbers[at] as number) + amount;
}

function keysOf({ text, skeleton }: Word): number[] {
  const keys = [hashOf(text, -1)];
  if (text.length > LETTERS_MIN)
    for (let left = 0; left < text.length; left += 1) keys.push(hashOf(text, left));
  // The sign in front keeps them apart from words.
  keys.push(hashOf(`^${skeleton.slice(0, SKELETON_LENGTH)}`, -1));
  if (skeleton.length > SKELETON_LENGTH) keys.push(hashOf(`$${skeleton.slice(-SKELETON_LENGTH)}`, -1));
  return keys;
}

/** FNV-1a of a word without the letter at a place. What falls into one bucket by chance is told apart by comparing. */
function hashOf(word: string, without: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < word.length; at += 1) {
    if (at !== without) hash = Math.imul(hash ^ word.charCodeAt(at), 0x01000193);
  }
  return hash ^ (hash >>> 15);
}
