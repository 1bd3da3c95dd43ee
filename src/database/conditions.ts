import type { Parameter } from './database';

/** Gathers the conditions of a list's filters. What the client did not ask for adds nothing, so that indexes stay usable. */
export class Conditions {
  private readonly parts: string[] = [];
  readonly parameters: Parameter[] = [];

  /** Adds `sql` with a parameter for each of its question marks, unless the first one is undefined. */
  and(sql: string, ...parameters: Parameter[]): this {
    if (parameters.length > 0 && parameters[0] === undefined) return this;
    this.parts.push(`(${sql})`);
    this.parameters.push(...parameters);
    return this;
  }

  /** ` WHERE …`, or nothing. */
  get where(): string {
    return this.parts.length === 0 ? '' : ` WHERE ${this.parts.join(' AND ')}`;
  }
}

/** A pattern for `LIKE ? ESCAPE '!'` that finds `text` anywhere, its % and _ taken literally. */
export function containing(text: string): string;
export function containing(text: string | undefined): string | undefined;
export function containing(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `%${text.replace(/[!%_]/g, '!$&')}%`;
}
