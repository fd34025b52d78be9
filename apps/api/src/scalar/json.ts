import type { Json } from '@graft/domain/json';
import { GraphQLScalarType, valueFromASTUntyped } from 'graphql';

/** Any JSON value, as it is. */
export const JsonScalar = new GraphQLScalarType<Json, unknown>({
	name: 'JSON',
	parseValue: (value) => value as Json,
	parseLiteral: (node, variables) => valueFromASTUntyped(node, variables) as Json,
	serialize: (value) => value,
});
