import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function parse(value: unknown): string {
	if (typeof value !== 'string') throw new GraphQLError('Cursor: expected the string that the stream gave.');
	return value;
}

export const Cursor = new GraphQLScalarType<string, string>({
	name: 'Cursor',
	description:
		'Opaque position in a stream. Give back the last one that you saw to continue without a gap or a repeat.',
	parseValue: parse,
	parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
	serialize: (value) => String(value),
});
