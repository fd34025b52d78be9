import {
	type DocumentNode,
	type FieldNode,
	type FragmentDefinitionNode,
	GraphQLError,
	type GraphQLField,
	type GraphQLSchema,
	getNamedType,
	getNullableType,
	getOperationAST,
	isCompositeType,
	isInterfaceType,
	isListType,
	isObjectType,
	Kind,
	type SelectionSetNode,
} from 'graphql';

export interface QueryLimits {
	/** Fields inside fields; the deepest page of the dashboard asks for 8. */
	readonly depth: number;
	/** Values in the answer, estimated; a million take graphql-js about a second. */
	readonly cost: number;
}
export const QUERY_LIMITS: QueryLimits = { depth: 15, cost: 1_000_000 };
/** Tokens of a document; the largest of our own clients' has some 500. Bounds what parsing and validation may take. */
export const MAX_TOKENS = 4_000;
/** Items assumed in a list that has no `first`: layer groups, attempts, artifacts. */
const ITEMS_OF_A_LIST = 10;

type Variables = Readonly<Record<string, unknown>>;

/**
 * Refuses an operation that asks for too much, such as pages of pages of pages, before anything of it runs. Our own
 * and not a library's, because those coerce the variables a second time, which for a batch of metrics doubles the work.
 */
export function refuseCostly(
	schema: GraphQLSchema,
	document: DocumentNode,
	operationName: string | null | undefined,
	variables: Variables,
	limits: QueryLimits = QUERY_LIMITS,
): GraphQLError | null {
	const operation = getOperationAST(document, operationName);
	const root = operation && schema.getRootType(operation.operation);
	if (!operation || !root) return null;
	const fragments = new Map<string, FragmentDefinitionNode>();
	for (const definition of document.definitions) {
		if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
	}
	let deepest = 0;

	function costOf(selections: SelectionSetNode, typeName: string, depth: number): number {
		let cost = 0;
		for (const selection of selections.selections) {
			if (selection.kind === Kind.FIELD) {
				cost += costOfField(selection, typeName, depth + 1);
			} else if (selection.kind === Kind.INLINE_FRAGMENT) {
				cost += costOf(selection.selectionSet, selection.typeCondition?.name.value ?? typeName, depth);
			} else {
				const fragment = fragments.get(selection.name.value);
				if (fragment) cost += costOf(fragment.selectionSet, fragment.typeCondition.name.value, depth);
			}
			if (cost > limits.cost || deepest > limits.depth) break;
		}
		return cost;
	}

	function costOfField(node: FieldNode, typeName: string, depth: number): number {
		deepest = Math.max(deepest, depth);
		const parent = schema.getType(typeName);
		const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
		// Introspection: graphql-js limits its depth itself.
		if (!field || deepest > limits.depth) return 1;
		const type = getNamedType(field.type);
		if (!node.selectionSet || !isCompositeType(type)) return 1;
		return 1 + itemsOf(node, field, typeName, variables) * costOf(node.selectionSet, type.name, depth);
	}

	const cost = costOf(operation.selectionSet, root.name, 0);
	if (deepest > limits.depth) {
		return refusal('DEPTH', limits.depth, `The operation nests fields more than ${limits.depth} deep. Ask for less.`);
	}
	if (cost > limits.cost) {
		const message = `The operation could return more than ${limits.cost} values. Ask for shorter pages (first) or fewer fields.`;
		return refusal('COST', limits.cost, message);
	}
	return null;
}

const refusal = (reason: string, limit: number, message: string): GraphQLError =>
	new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', reason: `QUERY_${reason}`, limit } });

function itemsOf(
	node: FieldNode,
	field: GraphQLField<unknown, unknown>,
	parentName: string,
	variables: Variables,
): number {
	const first = field.args.find(({ name }) => name === 'first');
	if (first) {
		const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
		const asked =
			value?.kind === Kind.INT
				? Number(value.value)
				: value?.kind === Kind.VARIABLE
					? variables[value.name.value]
					: undefined;
		return Math.max(1, typeof asked === 'number' ? asked : Number(first.defaultValue ?? ITEMS_OF_A_LIST));
	}
	// The lists of a connection are as long as its `first`, which has been counted one level up.
	if (!isListType(getNullableType(field.type)) || parentName.endsWith('Connection')) return 1;
	return ITEMS_OF_A_LIST;
}
