import type { FloatTensor } from '../safetensors/index.js';
import type { ExportedLayer } from './exported-model.js';
import type { Operator } from './graph-operator.js';

/** What writing one layer as operators needs. */
export interface OperatorLayer {
	readonly one: ExportedLayer;
	/** Names of the tensors that it reads. */
	readonly inputs: readonly string[];
	readonly weight: (variable: string) => FloatTensor;
	/** Keeps a weight, or another tensor in its place, and answers its name. */
	readonly stored: (variable: string, tensor?: FloatTensor) => string;
	readonly scalar: (suffix: string, value: number) => string;
	/** Keeps whole numbers: a list, or a single one. */
	readonly whole: (suffix: string, values: number | readonly number[]) => string;
	/** Operators that several layers read, made where the first of them asks; answers their last one's name. */
	readonly shared: (name: string, make: () => readonly Operator[]) => string;
}
