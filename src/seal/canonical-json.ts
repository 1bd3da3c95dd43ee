const WHITESPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

const MAX_DEPTH = 200;

/**
 * One text for all texts of a JSON value, as RFC 8785 has it: no white space, members sorted by their names' UTF-16 code units, shortest
 * escapes. MySQL and MariaDB keep the same document in different texts. Numbers differ from RFC 8785, which would round them: they are
 * written as their significant digits and a power of ten ("1255e-1" of 125.50), so no digit is lost, and 100, 1e2 and 100.0 are one.
 * Names that stand twice are kept, in their order.
 * @throws SyntaxError for what is no JSON, or nested deeper than 200 levels
 */
export function canonicalJson(text: string): string {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): string {
    if (depth > MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
    this.skip();
    const first = this.text[this.at];
    if (first === '{') return this.object(depth);
    if (first === '[') return `[${this.list(']', () => this.value(depth + 1)).join(',')}]`;
    if (first === '"') return this.string();
    return first === '-' || (first !== undefined && first >= '0' && first <= '9')
      ? canonicalNumber(this.token(NUMBER))
      : this.token(WORD);
  }

  end(): void {
    this.skip();
    if (this.at !== this.text.length) throw this.unexpected();
  }

  private object(depth: number): string {
    const members = this.list('}', () => {
      this.skip();
      const name = JSON.parse(this.token(STRING)) as string;
      this.expect(':');
      return { name, value: this.value(depth + 1) };
    });
    members.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    return `{${members.map(({ name, value }) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
  }

  private list<T>(close: string, read: () => T): T[] {
    this.at += 1;
    const items: T[] = [];
    this.skip();
    if (this.text[this.at] === close) this.at += 1;
    else
      for (let separator = ','; separator === ',';) {
        items.push(read());
        this.skip();
        separator = this.text[this.at] ?? '';
        if (separator !== ',' && separator !== close) throw this.unexpected();
        this.at += 1;
      }
    return items;
  }

  private string(): string {
    return JSON.stringify(JSON.parse(this.token(STRING)));
  }

  private expect(character: string): void {
    this.skip();
    if (this.text[this.at] !== character) throw this.unexpected();
    this.at += 1;
  }

  private token(form: RegExp): string {
    form.lastIndex = this.at;
    const found = form.exec(this.text)?.[0];
    if (found === undefined) throw this.unexpected();
    this.at += found.length;
    return found;
  }

  private skip(): void {
    WHITESPACE.lastIndex = this.at;
    this.at += WHITESPACE.exec(this.text)?.[0].length ?? 0;
  }

  private unexpected(): SyntaxError {
    return new SyntaxError(`not JSON at character ${this.at}`);
  }
}

/** "125.50" to "1255e-1", "-0.0" to "0", "100" to "1e2". */
function canonicalNumber(literal: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
