import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const WORDS: Readonly<Record<string, number>> = {
	NaN: Number.NaN,
	Infinity: Number.POSITIVE_INFINITY,
	'-Infinity': Number.NEGATIVE_INFINITY,
};

interface NumberListOptions {
	readonly name: string;
	readonly description: string;
	/** What is wrong with the number, to end the sentence `item 3 …`; null where it is fine. */
	readonly refuse: (value: number) => string | null;
}

/**
 * A list of numbers as one scalar: graphql-js then checks one value instead of one per element, which is seven times as
 * fast, and the resolver gets the Float64Array that everything behind it works with.
 */
export function numberListScalar({
	name,
	description,
	refuse,
}: NumberListOptions): GraphQLScalarType<Float64Array, unknown> {
	const fail = (problem: string): GraphQLError => new GraphQLError(`${name}: ${problem}.`);

	function checked(values: Float64Array): Float64Array {
		for (let i = 0; i < values.length; i += 1) {
			const problem = refuse(values[i] as number);
			if (problem !== null) throw fail(`item ${i} ${problem}`);
		}
		return values;
	}

	function fromItems(items: readonly unknown[]): Float64Array {
		const values = new Float64Array(items.length);
		for (let i = 0; i < items.length; i += 1) {
			const item = items[i];
			const value = typeof item === 'number' ? item : typeof item === 'string' ? WORDS[item] : undefined;
			if (value === undefined) {
				throw fail(`item ${i} is ${quote(item)}; expected a number, "NaN", "Infinity" or "-Infinity"`);
			}
			values[i] = value;
		}
		return checked(values);
	}

	/** Decodes into the array's own memory. Node's decoder skips what is not base64, which then shows in the length. */
	function fromBase64(text: string): Float64Array {
		const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
		const bytes = (text.length / 4) * 3 - padding;
		if (text.length % 4 !== 0 || bytes % 8 !== 0) {
			throw fail('a string is base64 (with its padding) of little-endian float64, 8 bytes a number');
		}
		const values = new Float64Array(bytes / 8);
		const written = Buffer.from(values.buffer).write(text, 0, bytes, 'base64');
		if (written !== bytes) throw fail('the string holds characters that are not base64');
		return checked(values);
	}

	function parse(value: unknown): Float64Array {
		if (Array.isArray(value)) return fromItems(value);
		if (typeof value === 'string') return fromBase64(value);
		throw fail(`expected a list of numbers or a base64 string, and got ${quote(value)}`);
	}

	return new GraphQLScalarType<Float64Array, unknown>({
		name,
		description,
		parseValue: parse,
		parseLiteral: (node) => parse(node.kind === Kind.LIST ? node.values.map(literalItem) : literalItem(node)),
		serialize,
	});
}

function literalItem(node: ValueNode): unknown {
	if (node.kind === Kind.INT || node.kind === Kind.FLOAT) return Number(node.value);
	return node.kind === Kind.STRING ? node.value : `a ${node.kind}`;
}

/** JSON has no NaN: such numbers go out as the words that also come in. A string is the packed form already. */
function serialize(value: unknown): unknown {
	if (typeof value === 'string') return value;
	if (!(value instanceof Float64Array)) throw new TypeError(`expected a Float64Array, and got ${quote(value)}`);
	const items: (number | string)[] = new Array(value.length);
	for (let i = 0; i < value.length; i += 1) {
		const item = value[i] as number;
		items[i] = Number.isFinite(item) ? item : String(item);
	}
	return items;
}

/**
 * Buckets that are kept are asked for again and again; their packed form goes with them from the second time on, for most are asked for
 * once, and texts that stay are what the collection of garbage takes longest for. Null: asked for once.
 */
const packedForms = new WeakMap<Float64Array, string | null>();

/** The packed form: base64 of little-endian float64, a third smaller than text and five times as fast to read. */
export function packed(values: Float64Array): string {
	const known = packedForms.get(values);
	if (typeof known === 'string') return known;
	const text = Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
	packedForms.set(values, known === null ? text : null);
	return text;
}

function quote(value: unknown): string {
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
