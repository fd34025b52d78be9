import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { buildNetwork, type NetworkLayer } from '../network/network.js';
import { type FloatTensor, float32, readSafetensors } from '../safetensors/index.js';

export const EXPORT_FORMATS = ['tfjs', 'safetensors', 'h5', 'onnx'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** One layer of a fine-tuned model, under the name that it has outside. */
export interface ExportedLayer {
	readonly name: string;
	readonly inputs: readonly string[];
	/** Of its first input, without the batch. */
	readonly inputShape: readonly number[];
	readonly outputShape: readonly number[];
	readonly layer: NetworkLayer['layer'];
	readonly weights: readonly { readonly variable: string; readonly tensor: FloatTensor }[];
}

/** A fine-tuned model with its numbers: backbone and head as one network. */
export interface ExportedModel {
	readonly spec: RunSpec;
	readonly inputShape: readonly number[];
	/** From the input on; the last one gives logits, or a number for a regression. */
	readonly layers: readonly ExportedLayer[];
	/** By their names in the checkpoint. */
	readonly tensors: ReadonlyMap<string, FloatTensor>;
}

/** Names of the head's layers begin so: no backbone's do. */
const HEAD = 'head_';

const outside = (name: string): string => {
	const [part, ...rest] = name.split('/');
	return part === 'head' ? `${HEAD}${rest.join('/')}` : rest.join('/');
};

/** The model that a run left in a checkpoint of its weights. @throws GraftError DATA where the checkpoint is not the run's. */
export function exportedModel(spec: RunSpec, checkpoint: Uint8Array): ExportedModel {
	const { layers, inputShape } = buildNetwork(spec);
	const stored = readSafetensors(checkpoint).tensors;
	const tensors = new Map<string, FloatTensor>();
	const own = layers.flatMap(({ weights }) => weights).filter(({ spec: { role } }) => !role.startsWith('lora-'));
	for (const { name, spec: weight } of own) {
		const tensor = stored.get(name);
		if (tensor === undefined || tensor.shape.join() !== weight.shape.join()) {
			throw new GraftError('DATA', `The checkpoint is not the run's: ${name} is missing or of another shape.`, {
				name,
			});
		}
		tensors.set(name, float32(name, tensor));
	}
	const shapes = new Map(layers.map((one) => [one.name, one.outputShape]));
	return {
		spec,
		inputShape,
		tensors,
		layers: layers.map((one) => ({
			name: outside(one.name),
			inputs: one.inputs.map((name) => (shapes.has(name) ? outside(name) : name)),
			inputShape: shapes.get(one.inputs[0] ?? '') ?? inputShape,
			outputShape: one.outputShape,
			layer: one.layer,
			weights: one.weights.flatMap(({ name }) => {
				const tensor = tensors.get(name);
				return tensor === undefined ? [] : [{ variable: name.slice(name.lastIndexOf('/') + 1), tensor }];
			}),
		})),
	};
}

/** Whether the exported model ends in probabilities: softmax over the classes. */
export const endsInClasses = ({ spec }: ExportedModel): boolean => spec.dataset.task === 'CLASSIFICATION';

/** Whether it reads tokens: then its inputs are Hugging Face's, as many as it has. */
export const readsText = ({ layers }: Pick<ExportedModel, 'layers'>): boolean =>
	layers.some(({ layer }) => layer.kind === 'embedding');

/** Name of the layer of probabilities that an export adds. */
export const PROBABILITIES = 'probabilities';

export const cannot = (format: string, { kind, name }: NetworkLayer['layer'], instead: string): GraftError =>
	new GraftError('CONFIGURATION', `${format} has no layer for ${kind} (${name}): ${instead}.`, { format, kind });
