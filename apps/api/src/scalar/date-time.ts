import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** RFC 3339 with an offset: a time without one means something else on each machine. */
const PATTERN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

function parse(value: unknown): Date {
	const date = typeof value === 'string' && PATTERN.test(value) ? new Date(value) : null;
	if (date === null || Number.isNaN(date.getTime())) {
		throw new GraphQLError('DateTime: expected a time such as "2026-11-23T12:00:00.000Z".');
	}
	return date;
}

export const DateTime = new GraphQLScalarType<Date, string>({
	name: 'DateTime',
	parseValue: parse,
	parseLiteral: (node) => parse(node.kind === Kind.STRING ? node.value : null),
	serialize: (value) => {
		if (!(value instanceof Date)) throw new TypeError('expected a Date');
		return value.toISOString();
	},
});
