import { isFactName, sayFact, sayNumber, sayValue, type FactValues } from './facts';
import { comparisonsOf, meets, type Condition } from './rule-condition';

export const REASON_TEMPLATE_MAX = 200;

/** Which list and which name, for templates: what a fact cannot hold. */
export interface ReasonDetails {
  sanctions_name?: string | null;
  blacklist_subject?: string | null;
}

const DETAILS: ReadonlySet<string> = new Set<keyof ReasonDetails>(['sanctions_name', 'blacklist_subject']);
const PLACEHOLDER = /\{([^{}]*)\}/g;

/**
 * What is wrong with a template, with the place of the character; empty when it is fine. `{fact}` stands for a fact's value,
 * `{limit:fact}` for the number that the condition compares it with.
 */
export function templateProblems(template: string, condition: Condition): string[] {
  const problems: string[] = [];
  for (const match of template.matchAll(PLACEHOLDER)) {
    const [whole, name = ''] = match;
    const at = `at character ${match.index + 1}`;
    const limited = /^limit:(.*)$/.exec(name)?.[1];
    if (limited !== undefined) {
      if (limitOf(limited, condition) === null)
        problems.push(`${whole} ${at}: the condition compares '${limited}' with no number`);
    } else if (!isFactName(name) && !DETAILS.has(name)) {
      problems.push(`${whole} ${at}: there is no fact '${name}'`);
    }
  }
  const stray = /[{}]/.exec(template.replace(PLACEHOLDER, (whole) => ' '.repeat(whole.length)));
  if (stray) problems.push(`the brace at character ${stray.index + 1} has no other half`);
  return problems;
}

/** Why a rule applies, in words with numbers: "6 transactions in the hour before, limit 5". */
export function sayRule(
  template: string | null,
  condition: Condition,
  facts: FactValues,
  details: ReasonDetails = {},
): string {
  if (!template) return sayComparisons(condition, facts);
  return template.replace(PLACEHOLDER, (_, name: string) => {
    if (isFactName(name)) return sayValue(name, facts[name]);
    if (DETAILS.has(name)) return details[name as keyof ReasonDetails] ?? 'unknown';
    const limit = limitOf(name.slice('limit:'.length), condition);
    return limit === null ? 'unknown' : sayNumber(limit);
  });
}

/** Without a template: what of the condition the transaction meets. */
function sayComparisons(condition: Condition, facts: FactValues): string {
  const met = comparisonsOf(condition).filter((comparison) => meets(comparison, facts));
  const said = [...new Set(met.map(({ fact }) => sayFact(fact, facts[fact])))];
  return said.length > 0 ? said.join(', ') : 'the condition is met by what is missing';
}

function limitOf(fact: string, condition: Condition): number | null {
  const found = comparisonsOf(condition).find(
    (comparison) => comparison.fact === fact && typeof comparison.value === 'number',
  );
  return found ? (found.value as number) : null;
}
