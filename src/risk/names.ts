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
  const jaro = jaroOf(a, b);
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix += 1;
  return jaro + prefix * 0.1 * (1 - jaro);
}

function jaroOf(a: string, b: string): number {
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const taken = new Uint8Array(b.length);
  const matched: number[] = [];
  for (let i = 0; i < a.length; i += 1) {
    const letter = a.charCodeAt(i);
    const end = Math.min(b.length, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j += 1) {
      if (taken[j] === 1 || letter !== b.charCodeAt(j)) continue;
      taken[j] = 1;
      matched.push(letter);
      break;
    }
  }
  if (matched.length === 0) return 0;
  let place = 0;
  let swapped = 0;
  for (let j = 0; j < b.length; j += 1) {
    if (taken[j] !== 1) continue;
    if (matched[place] !== b.charCodeAt(j)) swapped += 1;
    place += 1;
  }
  const common = matched.length;
  return (common / a.length + common / b.length + (common - swapped / 2) / common) / 3;
}

/**
 * What stays the same when a word is written in another way: its first sound and up to two more consonants, with letters that
 * stand for one sound put together. Osama and Usama, Mohammed and Muhammad have one skeleton each.
 */
export function soundOf(word: string): string {
  let sound = '';
  for (const letter of word) {
    const one = VOWELS.has(letter) ? 'a' : (SAME_SOUND[letter] ?? letter);
    const isRepeated = sound.endsWith(one);
    if ((sound === '' || one !== 'a') && !isRepeated) sound += one;
    if (sound.length === 3) break;
  }
  return sound;
}

const VOWELS: ReadonlySet<string> = new Set('aeiouy');
const SAME_SOUND: Readonly<Record<string, string>> = { c: 'k', q: 'k', g: 'k', z: 's', w: 'v', j: 'k' };
