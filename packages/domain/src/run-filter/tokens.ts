export type Token =
	| { readonly kind: 'word'; readonly parts: readonly string[]; readonly text: string; readonly at: number }
	| { readonly kind: 'text'; readonly value: string; readonly text: string; readonly at: number }
	| { readonly kind: 'number'; readonly value: number; readonly text: string; readonly at: number }
	| { readonly kind: 'symbol'; readonly text: string; readonly at: number }
	| { readonly kind: 'end'; readonly text: string; readonly at: number };

/** Something is wrong at this character (from 0). */
export class FilterSyntaxError extends Error {
	constructor(
		readonly at: number,
		message: string,
	) {
		super(message);
	}
}

const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const SYMBOL = /<=|>=|!=|==|[<>=(),]/y;
/** `config.optimizer.lr`, and `metric."val/loss".best` for keys with other characters. */
const PART = /[A-Za-z_][\w-]*|\d[\w-]*/y;
const SPACE = /\s+/y;

export function tokenize(source: string): Token[] {
	const tokens: Token[] = [];
	let at = 0;
	const match = (pattern: RegExp): string | null => {
		pattern.lastIndex = at;
		return pattern.exec(source)?.[0] ?? null;
	};
	while (at < source.length) {
		const space = match(SPACE);
		if (space !== null) {
			at += space.length;
			continue;
		}
		const token =
			readSymbol(match(SYMBOL), at) ?? readText(source, at) ?? readNumber(match(NUMBER), at) ?? readWord(source, at);
		tokens.push(token);
		at += token.text.length;
	}
	tokens.push({ kind: 'end', text: 'the end', at });
	return tokens;
}

function readSymbol(text: string | null, at: number): Token | null {
	return text === null ? null : { kind: 'symbol', text, at };
}

function readNumber(text: string | null, at: number): Token | null {
	if (text === null) return null;
	const value = Number(text);
	if (!Number.isFinite(value)) throw new FilterSyntaxError(at, `the number ${text} is too large`);
	return { kind: 'number', value, text, at };
}

/** In single or double quotes; a backslash takes the next character as it is. */
function readText(source: string, at: number): Token | null {
	const quote = source[at];
	if (quote !== '"' && quote !== "'") return null;
	let value = '';
	for (let i = at + 1; i < source.length; i++) {
		if (source[i] === quote) return { kind: 'text', value, text: source.slice(at, i + 1), at };
		if (source[i] === '\\') i++;
		value += source[i] ?? '';
	}
	throw new FilterSyntaxError(at, `the text that begins with ${quote} has no closing ${quote}`);
}

function readWord(source: string, start: number): Token {
	const parts: string[] = [];
	let at = start;
	for (;;) {
		const quoted = parts.length > 0 ? readText(source, at) : null;
		PART.lastIndex = at;
		const text = quoted?.text ?? PART.exec(source)?.[0];
		if (text === undefined) throw new FilterSyntaxError(at, unexpected(source, at));
		parts.push(quoted?.kind === 'text' ? quoted.value : text);
		at += text.length;
		if (source[at] !== '.') break;
		at++;
	}
	return { kind: 'word', parts, text: source.slice(start, at), at: start };
}

function unexpected(source: string, at: number): string {
	const character = source[at];
	return character === undefined ? 'a name should follow the dot' : `there is an unexpected ${character}`;
}
