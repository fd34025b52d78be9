import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
	type Architecture,
	configOfArchitecture,
	findArchitecture,
	type HuggingFaceFormat,
	huggingFaceTensor,
	summarizeBackbone,
} from '@graft/domain/architecture';
import { type FloatTensor, writeSafetensors } from '../safetensors/index.js';
import type { ExportedModel } from './exported-model.js';

export interface StateDict {
	readonly files: string[];
	/** Class of Hugging Face's library that reads it; null: it holds Graft's own names. */
	readonly readBy: string | null;
}

/**
 * The weights as safetensors: with Hugging Face's names and config.json where its classifier has the same layers as the
 * head, else under Graft's names.
 */
export async function writeStateDict(model: ExportedModel, folder: string): Promise<StateDict> {
	const architecture = findArchitecture(model.spec.backbone.architecture);
	const task = architecture === null ? null : taskOf(architecture, model);
	const tensors = task === null ? model.tensors : task.tensors;
	await writeFile(path.join(folder, 'model.safetensors'), writeSafetensors(tensors, { format: 'pt' }));
	if (task === null) return { files: ['model.safetensors'], readBy: null };
	await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(task.config, null, 2)}\n`);
	return { files: ['model.safetensors', 'config.json'], readBy: task.readBy };
}

function taskOf(architecture: Architecture, model: ExportedModel) {
	const { huggingFace: format } = architecture;
	const config = configOfArchitecture(architecture);
	const head = format === undefined ? null : headTensors(format, model);
	if (format === undefined || config === null || head === null) return null;
	const { layers } = summarizeBackbone(architecture, model.inputShape).network;
	const tensors = new Map<string, FloatTensor>(head);
	for (const spec of layers.flatMap(({ weights }) => weights)) {
		const { name, isTransposed } = huggingFaceTensor(spec, format);
		const tensor = model.tensors.get(`backbone/${spec.name}`) as FloatTensor;
		tensors.set(`${format.prefix}${name}`, isTransposed ? transposed(tensor) : tensor);
	}
	const readBy = format.modelType === 'bert' ? 'BertForSequenceClassification' : 'DistilBertForSequenceClassification';
	const { classes } = model.spec.dataset;
	const labels = classes === null ? { '0': 'value' } : Object.fromEntries(classes.map((name, id) => [id, name]));
	const label2id = Object.fromEntries(Object.entries(labels).map(([id, name]) => [name, Number(id)]));
	const problem = classes === null ? { problem_type: 'regression' } : {};
	return { tensors, readBy, config: { architectures: [readBy], ...config, id2label: labels, label2id, ...problem } };
}

/** The head under the names of Hugging Face's classifier; null where that one has other layers. */
function headTensors(
	{ modelType }: HuggingFaceFormat,
	{ spec, tensors }: ExportedModel,
): [string, FloatTensor][] | null {
	const dense = (from: string, to: string): [string, FloatTensor][] => [
		[`${to}.weight`, transposed(tensors.get(`head/${from}/kernel`) as FloatTensor)],
		[`${to}.bias`, tensors.get(`head/${from}/bias`) as FloatTensor],
	];
	const { hidden } = spec.head;
	if (modelType === 'bert' && hidden.length === 0) return dense('logits', 'classifier');
	const units = tensors.get('head/logits/kernel')?.shape[0];
	const [only] = hidden;
	const isPreClassifier =
		hidden.length === 1 &&
		(only === units || (typeof only === 'object' && only.units === units && only.activation === 'relu'));
	const isSquare = tensors.get('head/hidden1/kernel')?.shape[0] === units;
	if (modelType !== 'distilbert' || !isPreClassifier || !isSquare) return null;
	return [...dense('hidden1', 'pre_classifier'), ...dense('logits', 'classifier')];
}

function transposed({ shape, values }: FloatTensor): FloatTensor {
	const [rows = 0, columns = 0] = shape;
	const turned = values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? 0);
	return { shape: [columns, rows], values: turned };
}
