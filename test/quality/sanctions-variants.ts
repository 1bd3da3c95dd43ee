import type { SanctionsName } from '../../src/risk';
import { type Random, seededRandom } from '../../worker/models/random';

/** Invented people with names as lists of sanctions have them, and how others write the same names. */
const GIVEN =
  `mohammed ahmad ali hassan hussein abdul rahman khalid omar yusuf ibrahim mustafa karim tariq faisal nasser
  ivan sergei vladimir aleksandr dmitri nikolai yevgeny mikhail oleg igor boris yuri viktor anatoly katerina tatiana olga
  kim jong chol nam hyok sung wei xiaoming jun carlos juan jose miguel maria fernando pedro ricardo luis rosa joaquin
  jean pierre charles philippe olivier claude hans friedrich wilhelm katharina johann reza mehdi gholam parviz ebrahim`
    .trim()
    .split(/\s+/);
const BEGINNINGS =
  `ab al ba be bo cha da de do el fa gha gor gri ha ho is ja ka kha kol kos la lu ma mo mu na ni o pa pe
  pro qa ra ro sa sha so su ta tche to u va ve vol wa ya ze zhu`.split(/\s+/);
const MIDDLES = `b d dr f g k l lk m mb n nd p r rd rg s sh st t v z zh`.split(/\s+/);
const VOWELS = ['a', 'e', 'i', 'o', 'u'];
const ENDINGS =
  `ani ari din ef enko er ev ez ian id il in ini ir ishvili ko man ni off or os ov rat ri sky son ti us yan`.split(
    /\s+/,
  );

function family(random: Random): string {
  const of = (list: readonly string[]): string => list[Math.floor(random() * list.length)] as string;
  const middle = (): string => of(MIDDLES) + of(VOWELS) + of(MIDDLES);
  return of(BEGINNINGS) + (random() < 0.75 ? middle() : of(MIDDLES)) + of(ENDINGS);
}

/** Two to four words. */
export function inventNames(count: number, seed: number): SanctionsName[] {
  const random = seededRandom(seed);
  const given = (): string => GIVEN[Math.floor(random() * GIVEN.length)] as string;
  return Array.from({ length: count }, () => {
    const words = [given(), ...(random() < 0.45 ? [given()] : []), family(random)];
    if (random() < 0.15) words.push(family(random));
    return { name: words.join(' '), list: 'TEST', country: null };
  });
}

/** One way each to write the same sounds in another way; both are met in lists and in passports. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/ou?/, 'u'],
  [/kh/, 'h'],
  [/ya/, 'ia'],
  [/y/, 'j'],
  [/ei/, 'ey'],
  [/v/, 'w'],
  [/f/, 'ph'],
  [/q/, 'k'],
  [/c(?!h)/, 'k'],
  [/zh/, 'j'],
  [/sh/, 'ch'],
  [/ks/, 'x'],
  [/j/, 'dj'],
  [/ee?/, 'i'],
  [/([lmnst])(?=[aeiou])/, '$1$1'],
  [/u/, 'oo'],
];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

type Change = (words: string[], random: Random) => string[];

/** Changes one word, of those with five letters or more. */
function ofOneWord(change: (word: string, random: Random) => string): Change {
  return (words, random) => {
    const long = words.map((word, place) => ({ word, place })).filter(({ word }) => word.length >= 5);
    const chosen = long[Math.floor(random() * long.length)];
    if (!chosen) return words;
    return words.map((word, place) => (place === chosen.place ? change(word, random) : word));
  };
}

const another = (random: Random): string => LETTERS[Math.floor(random() * LETTERS.length)] as string;

export const VARIANTS: Readonly<Record<string, Change>> = {
  'the words in another order': (words) => [...words.slice(1), words[0] as string],
  'one word in another spelling': ofOneWord((word, random) => respell(word, random)),
  'every word in another spelling': (words, random) => words.map((word) => respell(word, random)),
  'another first letter': ofOneWord((word, random) => another(random) + word.slice(1)),
  'the first letter missing': ofOneWord((word) => word.slice(1)),
  'a letter within changed': ofOneWord((word, random) => {
    const place = 1 + Math.floor(random() * (word.length - 1));
    return word.slice(0, place) + another(random) + word.slice(place + 1);
  }),
  'two neighbours exchanged': ofOneWord((word, random) => {
    const place = Math.floor(random() * (word.length - 1));
    return word.slice(0, place) + (word[place + 1] ?? '') + (word[place] ?? '') + word.slice(place + 2);
  }),
  'two words as one': (words) => [...words.slice(0, -2), words.slice(-2).join('')],
};

function respell(word: string, random: Random): string {
  const fitting = SPELLINGS.filter(([sound]) => sound.test(word));
  const [sound, spelling] = fitting[Math.floor(random() * fitting.length)] ?? [/$/, ''];
  return word.replace(sound, spelling);
}
