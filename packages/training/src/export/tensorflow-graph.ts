import { GRAPH_CONSTANTS } from '../weights/tensorflowjs-model.js';
import type { ExportedModel } from './exported-model.js';
import {
	constantNode,
	FLOAT,
	type GraphContext,
	graphDef,
	type NodeDef,
	type Pair,
	placeholder,
	shapeOf,
	WHOLE,
} from './graph-def.js';
import type { Constant, Operator } from './graph-operator.js';
import { operatorGraph, type Size } from './operator-graph.js';
import { TEXT_INPUTS } from './sequence-operators.js';

const TEXTS = `${GRAPH_CONSTANTS}texts`;

export interface TensorFlowGraph {
	readonly nodes: readonly NodeDef[];
	/** The model's variables, layer by layer, then sizes and places. */
	readonly constants: readonly Constant[];
	readonly signature: object;
}

/** A model of texts as a graph of TensorFlow's operators. */
export function tensorFlowGraph(model: ExportedModel): TensorFlowGraph {
	const graph = operatorGraph(model);
	const kept = new Map(graph.constants.map((one) => [one.name, apart(one)]));
	const named = (name: string) => kept.get(name)?.name ?? name;
	// A product may take a matrix the other way round: nothing has to be turned whenever the model is asked.
	const turns = graph.operators.filter(({ operation, inputs: [x = ''] }) => operation === 'Transpose' && kept.has(x));
	const turned = new Map(turns.map(({ output, inputs: [x = ''] }) => [output, x]));
	const context: GraphContext = {
		texts: TEXTS,
		held: (name) => {
			const values = kept.get(name)?.values;
			return values === undefined || values instanceof Float32Array ? null : values;
		},
		matrix: (name) => {
			const source = turned.get(name);
			const one = kept.get(source ?? name);
			if (one?.shape.length !== 2) return null;
			const [rows = 0, columns = 0] = source === undefined ? one.shape : [...one.shape].reverse();
			return { name: one.name, isTurned: source !== undefined, rows, columns };
		},
		keep: (values) => {
			const one = wholeNumbers(values);
			kept.set(one.name, one);
			return one.name;
		},
	};
	const texts: Operator = { operation: 'Shape', inputs: [TEXT_INPUTS.ids], output: TEXTS, attributes: {} };
	const computed = [texts, ...graph.operators.filter((one) => !turns.includes(one))]
		.flatMap((one) => graphDef(one, context))
		.map((node) => ({ ...node, input: node.input.map(named) }));
	// Sizes that became attributes are read by nobody.
	const read = new Set(computed.flatMap(({ input }) => input));
	const constants = [...kept.values()].filter(({ name }) => read.has(name));
	const inOrder = [...constants.filter(({ isWeight }) => isWeight), ...constants.filter(({ isWeight }) => !isWeight)];
	return {
		nodes: [...graph.inputs.map(({ name }) => placeholder(name)), ...inOrder.map(constantNode), ...computed],
		constants: inOrder,
		signature: {
			inputs: Object.fromEntries(graph.inputs.map(({ name, sizes }) => [name, tensorInfo(name, sizes, WHOLE)])),
			outputs: { [graph.output.name]: tensorInfo(graph.output.name, graph.output.sizes, FLOAT) },
		},
	};
}

const apart = (one: Constant): Constant => (one.isWeight ? one : { ...one, name: `${GRAPH_CONSTANTS}${one.name}` });

function wholeNumbers(values: Parameters<GraphContext['keep']>[0]): Constant {
	const of = (kind: string, shape: readonly number[], numbers: readonly number[]): Constant => ({
		...{ name: `${GRAPH_CONSTANTS}${kind}/${numbers.join('_')}`, shape, values: numbers, isWeight: false },
	});
	if (typeof values === 'number') return of('number', [], [values]);
	const pairs = values.filter((one): one is Pair => typeof one !== 'number');
	if (pairs.length > 0) return of('pairs', [pairs.length, 2], pairs.flat());
	return of('numbers', [values.length], values as readonly number[]);
}

const tensorInfo = (name: string, sizes: readonly Size[], dtype: string): object => ({
	...{ name: `${name}:0`, dtype },
	tensorShape: shapeOf([-1, ...sizes.map((size) => (typeof size === 'number' ? size : -1))]),
});
