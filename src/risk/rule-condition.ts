import { FACTS, isFactName, type FactKind, type FactName, type FactValue, type FactValues } from './facts';

/**
 * What a rule asks of a transaction: a tree of comparisons.
 *
 *     {"all": [{"fact": "amount_usd", "op": "gte", "value": 10000}, {"not": {"fact": "type", "op": "eq", "value": "deposit"}}]}
 *
 * A comparison with a missing fact is false, whatever its operator; so is what `not` turns around: true.
 */
export type Condition = { all: Condition[] } | { any: Condition[] } | { not: Condition } | Comparison;

export interface Comparison {
  fact: FactName;
  op: Operator;
  value: Scalar | Scalar[];
}

type Scalar = number | boolean | string;

const OPERATORS = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'not_in'] as const;
export type Operator = (typeof OPERATORS)[number];

const OPERATORS_OF: Readonly<Record<FactKind, readonly Operator[]>> = {
  number: OPERATORS,
  boolean: ['eq', 'ne'],
  text: ['eq', 'ne', 'in', 'not_in'],
};

/** Levels of all, any and not around a comparison. */
export const CONDITION_DEPTH_MAX = 8;
/** Groups and comparisons in one tree. */
export const CONDITION_NODES_MAX = 64;
const LIST_MAX = 200;
const TEXT_MAX = 64;
/** Unexpected keys of one node that are named: who sends thousands learns enough. */
const KEYS_NAMED_MAX = 10;

/** Where a tree is wrong: `all.1.value`, empty for the tree as a whole. */
export interface ConditionProblem {
  path: string;
  message: string;
}

export type ParsedCondition =
  { condition: Condition; problems?: undefined } | { condition?: undefined; problems: ConditionProblem[] };

/** Reads an untyped tree; with problems there is no condition. Never throws. */
export function parseCondition(input: unknown): ParsedCondition {
  const reading = new Reading();
  const condition = reading.node(input, [], 1);
  return reading.problems.length > 0 || !condition ? { problems: reading.problems } : { condition };
}

type Path = readonly (string | number)[];

class Reading {
  readonly problems: ConditionProblem[] = [];
  private nodes = 0;

  node(input: unknown, path: Path, depth: number): Condition | null {
    this.nodes += 1;
    if (this.nodes > CONDITION_NODES_MAX) {
      // Said once: a tree of a million nodes gets one message.
      return this.nodes === CONDITION_NODES_MAX + 1
        ? this.wrong(path, `a condition has at most ${CONDITION_NODES_MAX} groups and comparisons`)
        : null;
    }
    if (depth > CONDITION_DEPTH_MAX)
      return this.wrong(path, `a condition is at most ${CONDITION_DEPTH_MAX} levels deep`);
    if (typeof input !== 'object' || input === null || Array.isArray(input))
      return this.wrong(path, 'expected an object with all, any, not or fact');
    const node = input as Record<string, unknown>;
    if ('all' in node) return this.group('all', node, path, depth);
    if ('any' in node) return this.group('any', node, path, depth);
    if ('not' in node) {
      this.onlyKeys(node, ['not'], path);
      const inner = this.node(node.not, [...path, 'not'], depth + 1);
      return inner && { not: inner };
    }
    if ('fact' in node) return this.comparison(node, path);
    return this.wrong(path, 'expected an object with all, any, not or fact');
  }

  private group(
    key: 'all' | 'any',
    node: Record<string, unknown>,
    path: Path,
    depth: number,
  ): Condition | null {
    this.onlyKeys(node, [key], path);
    const members = node[key];
    if (!Array.isArray(members) || members.length === 0)
      return this.wrong([...path, key], 'expected a list of one condition or more');
    const read: Condition[] = [];
    for (const [index, member] of members.entries()) {
      if (this.nodes > CONDITION_NODES_MAX) break;
      const condition = this.node(member, [...path, key, index], depth + 1);
      if (condition) read.push(condition);
    }
    return key === 'all' ? { all: read } : { any: read };
  }

  private comparison(node: Record<string, unknown>, path: Path): Condition | null {
    this.onlyKeys(node, ['fact', 'op', 'value'], path);
    const { fact, op, value } = node;
    if (typeof fact !== 'string' || !isFactName(fact))
      return this.wrong([...path, 'fact'], `there is no fact ${shown(fact)}`);
    const { kind } = FACTS[fact];
    if (!isOperator(op) || !OPERATORS_OF[kind].includes(op))
      return this.wrong(
        [...path, 'op'],
        `expected one of ${OPERATORS_OF[kind].join(', ')}, because ${fact} is a ${kind === 'boolean' ? 'truth' : kind}`,
      );
    const valuePath = [...path, 'value'];
    const isRead =
      op === 'in' || op === 'not_in'
        ? this.list(fact, value, valuePath)
        : this.scalar(fact, value, valuePath);
    return isRead ? { fact, op, value: value as Scalar | Scalar[] } : null;
  }

  private list(fact: FactName, value: unknown, path: Path): boolean {
    if (!Array.isArray(value) || value.length === 0 || value.length > LIST_MAX) {
      this.wrong(path, `expected a list of 1 to ${LIST_MAX} values`);
      return false;
    }
    return value.map((item, index) => this.scalar(fact, item, [...path, index])).every(Boolean);
  }

  private scalar(fact: FactName, value: unknown, path: Path): boolean {
    const { kind, unit } = FACTS[fact];
    if (kind === 'number' && !(typeof value === 'number' && Number.isFinite(value)))
      this.wrong(path, `expected a number, because ${fact} is in ${unit}`);
    else if (kind === 'boolean' && typeof value !== 'boolean')
      this.wrong(path, `expected true or false, because ${fact} is one`);
    else if (kind === 'text' && !(typeof value === 'string' && value.length > 0 && value.length <= TEXT_MAX))
      this.wrong(path, `expected a text of 1 to ${TEXT_MAX} characters, because ${fact} is a ${unit}`);
    else return true;
    return false;
  }

  private onlyKeys(node: Record<string, unknown>, allowed: readonly string[], path: Path): void {
    let named = 0;
    for (const key of Object.keys(node)) {
      if (allowed.includes(key)) continue;
      this.wrong([...path, key.slice(0, TEXT_MAX)], `is not expected beside ${allowed[0]}`);
      named += 1;
      if (named >= KEYS_NAMED_MAX) return;
    }
  }

  private wrong(path: Path, message: string): null {
    this.problems.push({ path: path.join('.'), message });
    return null;
  }
}

/** What a fact may be compared by. */
export function operatorsOf(fact: FactName): readonly Operator[] {
  return OPERATORS_OF[FACTS[fact].kind];
}

function isOperator(op: unknown): op is Operator {
  return OPERATORS.includes(op as Operator);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `'${value.slice(0, TEXT_MAX)}'` : 'of that kind';
}

/** Whether a transaction meets the condition. Pure; a condition of a dozen comparisons takes well below a microsecond. */
export function meets(condition: Condition, facts: FactValues): boolean {
  if ('fact' in condition) return compares(condition, facts[condition.fact]);
  if ('all' in condition) return condition.all.every((member) => meets(member, facts));
  if ('any' in condition) return condition.any.some((member) => meets(member, facts));
  return !meets(condition.not, facts);
}

function compares({ fact, op, value }: Comparison, known: FactValue | undefined): boolean {
  if (known === null || known === undefined) return false;
  // A truth is stored as 0 or 1 by some and as false or true by others.
  if (typeof value === 'boolean') return (Number(known) === Number(value)) === (op === 'eq');
  switch (op) {
    case 'eq':
      return known === value;
    case 'ne':
      return known !== value;
    case 'in':
      return (value as Scalar[]).includes(known);
    case 'not_in':
      return !(value as Scalar[]).includes(known);
    default:
      return FACTS[fact].kind === 'number' && isInOrder(op, known as number, value as number);
  }
}

function isInOrder(op: 'gt' | 'gte' | 'lt' | 'lte', known: number, value: number): boolean {
  if (op === 'gt') return known > value;
  if (op === 'gte') return known >= value;
  if (op === 'lt') return known < value;
  return known <= value;
}

/** Every comparison of the tree, from left to right. */
export function comparisonsOf(condition: Condition): Comparison[] {
  if ('fact' in condition) return [condition];
  if ('not' in condition) return comparisonsOf(condition.not);
  return ('all' in condition ? condition.all : condition.any).flatMap(comparisonsOf);
}

/** The facts that a condition asks for, each once. */
export function factsOf(condition: Condition): FactName[] {
  return [...new Set(comparisonsOf(condition).map((comparison) => comparison.fact))];
}
