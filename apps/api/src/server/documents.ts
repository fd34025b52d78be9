import { type DocumentNode, GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import { MAX_TOKENS } from '../schema/query-cost.js';

/** Our clients have some dozens of operations; more distinct texts come from variables pasted into the text. */
const DOCUMENTS_KEPT = 500;
const LONGEST_TEXT_KEPT = 20_000;

export type Prepared = { readonly document: DocumentNode } | { readonly errors: readonly GraphQLError[] };

/**
 * Parses and validates each text once. graphql-ws does both anew for each message, which costs five times what the
 * operation itself costs.
 */
export function documentCache(schema: GraphQLSchema): (query: string) => Prepared {
	const known = new Map<string, Prepared>();
	return (query) => {
		const hit = known.get(query);
		if (hit) {
			// Behind the others again: what is used stays.
			known.delete(query);
			known.set(query, hit);
			return hit;
		}
		const prepared = prepare(schema, query);
		if (query.length <= LONGEST_TEXT_KEPT) {
			known.set(query, prepared);
			if (known.size > DOCUMENTS_KEPT) known.delete(known.keys().next().value as string);
		}
		return prepared;
	};
}

function prepare(schema: GraphQLSchema, query: string): Prepared {
	try {
		const document = parse(query, { maxTokens: MAX_TOKENS });
		const errors = validate(schema, document, specifiedRules);
		const coded = errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
		return errors.length > 0 ? { errors: coded } : { document };
	} catch (error) {
		if (error instanceof GraphQLError) return { errors: [withCode(error, 'GRAPHQL_PARSE_FAILED')] };
		throw error;
	}
}

/** The codes that Apollo gives over HTTP. */
const withCode = (error: GraphQLError, code: string): GraphQLError =>
	new GraphQLError(error.message, {
		nodes: error.nodes,
		source: error.source,
		positions: error.positions,
		extensions: { code },
	});
