import { type ClassType, Field, Int, ObjectType } from 'type-graphql';

@ObjectType('PageInfo')
export class PageInfoType {
	@Field(() => String, { nullable: true }) readonly endCursor: string | null;
	@Field(() => Boolean) readonly hasNextPage: boolean;
}

/** A type `<name>Edge` over a node type, and what a type `<name>Connection` has. `counted` describes a count that is not always exact. */
export function connectionFields(name: string, node: () => ClassType, counted?: string): ClassType {
	@ObjectType(`${name}Edge`)
	class EdgeType {
		@Field(() => String) readonly cursor: string;
		@Field(node) readonly node: object;
	}
	@ObjectType()
	abstract class ConnectionFields {
		@Field(() => [EdgeType]) readonly edges: readonly EdgeType[];
		@Field(() => [node()]) readonly nodes: readonly object[];
		@Field(() => PageInfoType) readonly pageInfo: PageInfoType;
		@Field(() => Int, { ...(counted && { description: counted }) }) readonly totalCount: number;
	}
	return ConnectionFields as ClassType;
}

/** Types `<name>Edge` and `<name>Connection` over a node type. */
export function connectionType(name: string, node: () => ClassType): ClassType {
	@ObjectType(`${name}Connection`)
	class ConnectionType extends connectionFields(name, node) {}
	return ConnectionType;
}
