/** What operators may be told beside their inputs. */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/**
 * One step of a graph, in ONNX' terms (operator set 13): a model is written as such steps once, and each format that is a
 * graph of plain operators translates them.
 */
export interface Operator {
	readonly operation: string;
	/** Names of the tensors that it reads: outputs, constants, or what the model is given. */
	readonly inputs: readonly string[];
	readonly output: string;
	readonly attributes: Attributes;
}

/** A tensor that the graph holds: of floats, or of whole numbers, which say sizes and places. */
export interface Constant {
	readonly name: string;
	readonly shape: readonly number[];
	readonly values: Float32Array | readonly number[];
	/** Whether it is one of the model's variables, under the layer's and the variable's name. */
	readonly isWeight: boolean;
}

export const operator = (
	operation: string,
	inputs: readonly string[],
	output: string,
	attributes: Attributes = {},
): Operator => ({ operation, inputs, output, attributes });
