import type { Bound, QueryNode, TermPattern } from "./node.js";
import { invalidQuery, MAX_LEADING_WILDCARD_LENGTH, MAX_QUERY_LENGTH, type Token, tokensOf } from "./tokens.js";

/** Terms in a query. [AWS IoT: Query syntax] */
const MAX_TERMS = 12;
const OPERATORS = ["AND", "OR", "NOT", "TO"];
const COMPARISONS = ["<", "<=", ">", ">="];

/**
 * Takes a query apart: terms, phrases, `field:value`, `*` and `?`, ranges, AND, OR, NOT, `-` and parentheses, also
 * behind a field. Whether a field is there is not looked at.
 *
 * @throws AwsError `InvalidQuery`
 */
export function parseQuery(query: string): QueryNode {
  if (query.length > MAX_QUERY_LENGTH) throw invalidQuery(`it has more than ${MAX_QUERY_LENGTH} characters`);
  const parser = new QueryParser(tokensOf(query));
  const node = parser.whole();
  if (parser.leadingWildcards > 1) throw invalidQuery("only one word may begin with a wildcard");
  if (parser.leadingWildcards > 0 && query.length > MAX_LEADING_WILDCARD_LENGTH) {
    const most = MAX_LEADING_WILDCARD_LENGTH;
    throw invalidQuery(`a query in which a word begins with a wildcard has at most ${most} characters`);
  }
  return node;
}

class QueryParser {
  leadingWildcards = 0;
  readonly #tokens: readonly Token[];
  #at = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): QueryNode {
    const node = this.#either(undefined);
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw invalidQuery(`${left.text} is out of place`);
    return node;
  }

  #either(field: string | undefined): QueryNode {
    const nodes = [this.#both(field)];
    while (this.#takeWord("OR")) nodes.push(this.#both(field));
    return joined("or", nodes);
  }

  /** AND may be left out. */
  #both(field: string | undefined): QueryNode {
    const nodes = [this.#one(field)];
    while (this.#takeWord("AND") || this.#begins()) nodes.push(this.#one(field));
    return joined("and", nodes);
  }

  /** Whether another operand follows without AND. */
  #begins(): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined) return false;
    if (token.kind === "symbol") return token.text === "(" || token.text === "-";
    return token.text !== "OR" && token.text !== "AND";
  }

  #one(field: string | undefined): QueryNode {
    // Also several of them, without a deep recursion.
    let negated = false;
    while (this.#takeWord("NOT") || this.#takeSymbol("-")) negated = !negated;
    const node = this.#operand(field);
    return negated ? { kind: "not", node } : node;
  }

  #operand(field: string | undefined): QueryNode {
    if (this.#takeSymbol("(")) {
      const node = this.#either(field);
      if (!this.#takeSymbol(")")) throw invalidQuery("a parenthesis is not closed");
      return node;
    }
    const token = this.#next("a term");
    if (token.kind === "symbol") throw invalidQuery(`${token.text} is out of place`);
    if (field === undefined && token.kind === "word") {
      if (this.#takeSymbol(":")) return this.#valueOf(fieldOf(token));
      const comparison = COMPARISONS.find((one) => this.#takeSymbol(one));
      if (comparison !== undefined) return this.#comparison(fieldOf(token), comparison);
    }
    return this.#term(field, token);
  }

  #valueOf(field: string): QueryNode {
    const comparison = COMPARISONS.find((one) => this.#takeSymbol(one));
    if (comparison !== undefined) return this.#comparison(field, comparison);
    if (this.#takeSymbol("[")) return this.#range(field, true);
    if (this.#takeSymbol("{")) return this.#range(field, false);
    if (this.#takeSymbol("(")) {
      const node = this.#either(field);
      if (!this.#takeSymbol(")")) throw invalidQuery("a parenthesis is not closed");
      return node;
    }
    // A negative number.
    const negative = this.#takeSymbol("-") ? "-" : "";
    const token = this.#next("a value");
    if (token.kind === "symbol") throw invalidQuery(`${token.text} is out of place`);
    if (negative === "" || token.kind === "phrase") return this.#term(field, token);
    const text = negative + token.text;
    return this.#term(field, { kind: "word", text, parts: [{ kind: "text", text: text.toLowerCase() }] });
  }

  #comparison(field: string, comparison: string): QueryNode {
    this.#count();
    const bound = { value: this.#bound(), inclusive: comparison.endsWith("=") };
    return comparison.startsWith(">")
      ? { kind: "range", field, from: bound, to: undefined }
      : { kind: "range", field, from: undefined, to: bound };
  }

  #range(field: string, fromInclusive: boolean): QueryNode {
    this.#count();
    const from = boundOf(this.#bound(), fromInclusive);
    if (!this.#takeWord("TO")) throw invalidQuery("a range has no TO");
    const value = this.#bound();
    const toInclusive = this.#takeSymbol("]");
    if (!toInclusive && !this.#takeSymbol("}")) throw invalidQuery("a range is not closed");
    return { kind: "range", field, from, to: boundOf(value, toInclusive) };
  }

  #bound(): string {
    const negative = this.#takeSymbol("-") ? "-" : "";
    const token = this.#next("a bound");
    if (token.kind === "symbol" || (token.kind === "word" && OPERATORS.includes(token.text))) {
      throw invalidQuery(`${token.text} is no bound`);
    }
    return negative + token.text.toLowerCase();
  }

  #term(field: string | undefined, token: Exclude<Token, { kind: "symbol" }>): QueryNode {
    if (token.kind === "word" && OPERATORS.includes(token.text)) throw invalidQuery(`${token.text} is out of place`);
    this.#count();
    if (token.kind === "phrase") {
      const words = token.text
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== "");
      if (words.length === 0) throw invalidQuery("a phrase is empty");
      return { kind: "term", field, pattern: { kind: "phrase", words } };
    }
    const [first] = token.parts;
    const isEverything = token.parts.length === 1 && first?.kind === "any";
    if (isEverything && field === undefined) return { kind: "all" };
    if (!isEverything && first !== undefined && first.kind !== "text") this.leadingWildcards += 1;
    const pattern: TermPattern = { kind: "glob", parts: token.parts };
    return { kind: "term", field, pattern };
  }

  #count(): void {
    this.#terms += 1;
    if (this.#terms > MAX_TERMS) throw invalidQuery(`it has more than ${MAX_TERMS} terms`);
  }

  #next(wanted: string): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw invalidQuery(`it ends where ${wanted} is needed`);
    this.#at += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    return this.#take("word", word);
  }

  #takeSymbol(symbol: string): boolean {
    return this.#take("symbol", symbol);
  }

  #take(kind: Token["kind"], text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.text !== text) return false;
    this.#at += 1;
    return true;
  }
}

/** Case counts in names of fields, and there are no wildcards in them. */
function fieldOf(token: Extract<Token, { kind: "word" }>): string {
  if (token.parts.some(({ kind }) => kind !== "text")) throw invalidQuery("a field has no wildcards");
  return token.text;
}

function boundOf(value: string, inclusive: boolean): Bound | undefined {
  return value === "*" ? undefined : { value, inclusive };
}

function joined(kind: "and" | "or", nodes: readonly QueryNode[]): QueryNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind, nodes };
}
