import type { FloatTensor } from '../safetensors/index.js';
import type { ExportedLayer } from './exported-model.js';
import type { Message } from './onnx-message.js';

/** What writing one layer needs. */
export interface OnnxLayer {
	readonly one: ExportedLayer;
	/** Names of the tensors that it reads. */
	readonly inputs: readonly string[];
	readonly weight: (variable: string) => FloatTensor;
	/** Keeps a weight, or another tensor in its place, and answers its name. */
	readonly stored: (variable: string, tensor?: FloatTensor) => string;
	readonly scalar: (suffix: string, value: number) => string;
	readonly constant: (suffix: string, write: (name: string) => Message) => string;
	/** Nodes that several layers read, made where the first of them asks; answers their last one's name. */
	readonly shared: (name: string, make: () => readonly Message[]) => string;
}
