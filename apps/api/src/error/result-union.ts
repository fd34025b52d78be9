import { type ClassType, createUnionType } from 'type-graphql';

/** A result of several outcomes. The `kind` of a domain value is the name of its GraphQL type. */
export function resultUnion(name: string, ...types: readonly ClassType[]): object {
	return createUnionType({
		name,
		types: () => types,
		resolveType: (value: { readonly kind?: string }) => value.kind,
	});
}
