/** Letters that no Unicode decomposition takes apart, as they are written in plain Latin. */
const LETTERS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');

/**
 * The words of a name as they are compared: without case, accents and punctuation, digits kept, in the order in which they stand.
 * "O'Brien-Núñez, José" gives obrien, nunez, jose.
 */
export function nameWords(name: string): string[] {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}'’`´ʼ.]/gu, '')
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** One form for all ways to write a name: its words in alphabetical order. */
export function normalName(name: string): string {
  return nameWords(name).sort().join(' ');
}

/**
 * How alike two words are, 0 to 1. Jaro (1989) with Winkler's bonus for a common beginning of up to four letters (1990), scale
 * 0.1.
 */
export function jaroWinkler(a: string, b: string): number {
  if (a === b) return a === '' ? 0 : 1;
  const similar = jaro(a, b);
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return similar + prefix * 0.1 * (1 - similar);
}

/** Letters of words of names; longer ones are cut. Two million comparisons a second would otherwise make as many arrays. */
const LETTERS_MAX = 64;
const taken = new Uint8Array(LETTERS_MAX);
const matched = new Uint16Array(LETTERS_MAX);

/** Without the bonus. */
export function jaro(a: string, b: string): number {
  const aLength = Math.min(a.length, LETTERS_MAX);
  const bLength = Math.min(b.length, LETTERS_MAX);
  const reach = Math.max(0, (Math.max(aLength, bLength) >> 1) - 1);
  taken.fill(0, 0, bLength);
  let common = 0;
  for (let i = 0; i < aLength; i += 1) {
    const letter = a.charCodeAt(i);
    const end = Math.min(bLength, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j += 1) {
      if (taken[j] === 1 || letter !== b.charCodeAt(j)) continue;
      taken[j] = 1;
      matched[common++] = letter;
      break;
    }
  }
  if (common === 0) return 0;
  let place = 0;
  let swapped = 0;
  for (let j = 0; j < bLength; j += 1) {
    if (taken[j] !== 1) continue;
    if (matched[place] !== b.charCodeAt(j)) swapped += 1;
    place += 1;
  }
  return (common / aLength + common / bLength + (common - swapped / 2) / common) / 3;
}

/**
 * What stays the same when a word is written in another way: its consonants, with letters and pairs of letters that stand for one
 * sound put together, and an `a` in front when it begins with a vowel. Osama and Usama, Mohammed and Muhammad, Gaddafi and Qadhafi
 * have one skeleton each.
 */
export function skeletonOf(word: string): string {
  const folded = word.replace(PAIRS, (pair) => SAME_SOUND[pair] ?? pair);
  let skeleton = '';
  for (const letter of folded) {
    const one = VOWELS.has(letter) ? 'a' : (SAME_SOUND[letter] ?? letter);
    if ((skeleton === '' || one !== 'a') && !skeleton.endsWith(one)) skeleton += one;
  }
  return skeleton;
}

const VOWELS: ReadonlySet<string> = new Set('aeiouy');
const SAME_SOUND: Readonly<Record<string, string>> = {
  c: 'k',
  q: 'k',
  g: 'k',
  z: 's',
  w: 'v',
  x: 'ks',
  kh: 'k',
  gh: 'k',
  ph: 'f',
  th: 't',
  dh: 'd',
  sh: 's',
  ch: 's',
  sch: 's',
  tch: 's',
  tsch: 's',
  zh: 'j',
  dj: 'j',
  lj: 'l',
  nj: 'n',
  dzh: 'j',
};
const PAIRS = /tsch|tch|sch|dzh|[cgkpstdz]h|[dln]j|x/g;

/** A word in plain Latin letters: what is written in Cyrillic ones, as passports transcribe it (ICAO 9303, without signs). */
export function latinWord(word: string): string {
  return CYRILLIC.test(word) ? [...word].map((letter) => LATIN[letter] ?? letter).join('') : word;
}

const CYRILLIC = /\p{Script=Cyrillic}/u;
const LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  `а a б b в v г g ґ g д d е e є ie ж zh з z и i і i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ы y
  э e ю iu я ia ђ d ј j љ lj њ nj ћ c џ dz`
    .trim()
    .split(/\s+/)
    .reduce<[string, string][]>((pairs, part, at, all) => {
      if (at % 2 === 0) pairs.push([part, all[at + 1] ?? '']);
      return pairs;
    }, [])
    .concat([
      ['ь', ''],
      ['ъ', ''],
    ]),
);
