import { type InvalidInput, invalidInput } from '../error/index.js';
import { checkComparison, fieldOf } from './field.js';
import {
	RUN_FILTER_LIMITS,
	type RunFilterExpression,
	type RunFilterField,
	type RunFilterOperator,
	type RunFilterValue,
} from './run-filter.js';
import { FilterSyntaxError, type Token, tokenize } from './tokens.js';

/**
 * Parses a `where` expression such as `config.batchSize < 64 and (metric.val_accuracy.best > 0.9 or tag = "keep")`.
 * `or` binds loosest, then `and`, then `not`. A refusal names the character, counted from 1.
 */
export function parseRunFilter(source: string, field = 'where'): RunFilterExpression | InvalidInput {
	if (source.length > RUN_FILTER_LIMITS.characters) {
		return invalidInput(field, `The filter has more than ${RUN_FILTER_LIMITS.characters} characters.`);
	}
	try {
		return new Parser(tokenize(source)).parse();
	} catch (error) {
		if (!(error instanceof FilterSyntaxError)) throw error;
		return invalidInput(field, `The filter is wrong at character ${error.at + 1}: ${error.message}.`, 'INVALID_FILTER');
	}
}

const COMPARISONS: Readonly<Record<string, RunFilterOperator>> = {
	'=': '=',
	'==': '=',
	'!=': '!=',
	'<': '<',
	'<=': '<=',
	'>': '>',
	'>=': '>=',
};

/** Recursive descent; the position in the token list is the state that it keeps. */
class Parser {
	private position = 0;
	private depth = 0;
	constructor(private readonly tokens: readonly Token[]) {}

	parse(): RunFilterExpression {
		const expression = this.or();
		const rest = this.peek();
		if (rest.kind !== 'end') throw this.expected('and, or, or the end', rest);
		return expression;
	}

	private or(): RunFilterExpression {
		return this.chain('or', () => this.chain('and', () => this.unary()));
	}

	private chain(word: 'and' | 'or', operand: () => RunFilterExpression): RunFilterExpression {
		const terms = [operand()];
		while (this.takeWord(word)) terms.push(operand());
		const [only] = terms;
		return terms.length === 1 && only !== undefined ? only : { kind: word, terms };
	}

	private unary(): RunFilterExpression {
		if (++this.depth > RUN_FILTER_LIMITS.depth) {
			throw new FilterSyntaxError(this.peek().at, `it is nested more than ${RUN_FILTER_LIMITS.depth} levels deep`);
		}
		const expression = this.takeWord('not') ? { kind: 'not' as const, term: this.unary() } : this.primary();
		this.depth--;
		return expression;
	}

	private primary(): RunFilterExpression {
		if (this.takeSymbol('(')) {
			const inner = this.or();
			this.needSymbol(')');
			return inner;
		}
		const token = this.next();
		if (token.kind !== 'word' || isReserved(token)) throw this.expected('a field such as config.epochs', token);
		const field = fieldOf(token);
		if (this.takeWord('in')) return this.list(field);
		const symbol = this.next();
		const operator = symbol.kind === 'symbol' ? COMPARISONS[symbol.text] : undefined;
		if (operator === undefined) throw this.expected('=, !=, <, <=, >, >= or in', symbol);
		const at = this.peek().at;
		const value = this.value();
		checkComparison(field, operator, value, at);
		return { kind: 'compare', field, operator, value };
	}

	private list(field: RunFilterField): RunFilterExpression {
		this.needSymbol('(');
		const values: Exclude<RunFilterValue, null>[] = [];
		do {
			const at = this.peek().at;
			const value = this.value();
			if (value === null) throw new FilterSyntaxError(at, 'a list cannot hold null');
			if (values.length > 0 && typeof value !== typeof values[0]) {
				throw new FilterSyntaxError(at, 'the values of a list are all of one type');
			}
			checkComparison(field, '=', value, at);
			values.push(value);
		} while (this.takeSymbol(','));
		this.needSymbol(')');
		return { kind: 'in', field, values };
	}

	private value(): RunFilterValue {
		const token = this.next();
		if (token.kind === 'text' || token.kind === 'number') return token.value;
		const word = token.kind === 'word' ? token.text.toLowerCase() : '';
		if (word === 'true' || word === 'false') return word === 'true';
		if (word === 'null') return null;
		throw this.expected('a number, a text in quotes, true, false or null', token);
	}

	private peek(): Token {
		return this.tokens[this.position] ?? { kind: 'end', text: 'the end', at: 0 };
	}
	private next(): Token {
		const token = this.peek();
		this.position++;
		return token;
	}
	private takeWord(word: string): boolean {
		const token = this.peek();
		if (token.kind !== 'word' || token.text.toLowerCase() !== word) return false;
		this.position++;
		return true;
	}
	private takeSymbol(text: string): boolean {
		const token = this.peek();
		if (token.kind !== 'symbol' || token.text !== text) return false;
		this.position++;
		return true;
	}
	private needSymbol(text: string): void {
		if (!this.takeSymbol(text)) throw this.expected(text, this.peek());
	}
	private expected(what: string, found: Token): FilterSyntaxError {
		return new FilterSyntaxError(found.at, `expected ${what}, found ${found.text}`);
	}
}

const RESERVED = ['and', 'or', 'not', 'in', 'true', 'false', 'null'];
function isReserved(token: Token): boolean {
	return RESERVED.includes(token.text.toLowerCase());
}
