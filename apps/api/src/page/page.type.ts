import { type ClassType, Field, Int, ObjectType } from 'type-graphql';

@ObjectType('PageInfo')
export class PageInfoType {
	@Field(() => String, { nullable: true }) readonly endCursor: string | null;
	@Field(() => Boolean) readonly hasNextPage: boolean;
}

/** Types `<name>Edge` and `<name>Connection` over a node type. `countedUpTo` describes a count that is not always exact. */
export function connectionType(name: string, node: () => ClassType, countedUpTo?: string): ClassType {
	@ObjectType(`${name}Edge`)
	class EdgeType {
		@Field(() => String) readonly cursor: string;
		@Field(node) readonly node: object;
	}
	@ObjectType(`${name}Connection`)
	class ConnectionType {
		@Field(() => [EdgeType]) readonly edges: readonly EdgeType[];
		@Field(() => [node()]) readonly nodes: readonly object[];
		@Field(() => PageInfoType) readonly pageInfo: PageInfoType;
		@Field(() => Int, { ...(countedUpTo && { description: countedUpTo }) }) readonly totalCount: number;
	}
	return ConnectionType;
}
