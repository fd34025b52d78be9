import {
	configOfArchitecture,
	findArchitecture,
	type HuggingFaceFormat,
	huggingFaceTensor,
	isTied,
	summarizeBackbone,
} from '@graft/domain/architecture';
import type { RunSpec } from '@graft/domain/run';
import type { FloatTensor } from '../safetensors/index.js';
import type { ExportedModel } from './exported-model.js';
import { foldBias } from './fold-bias.js';
import type { HuggingFaceTokenizer } from './hugging-face-tokenizer.js';
import { transposed } from './transposed.js';

/** A model as a class of Hugging Face's library keeps it. */
export interface HuggingFaceModel {
	/** That class. */
	readonly readBy: string;
	/** By their names there. */
	readonly tensors: ReadonlyMap<string, FloatTensor>;
	readonly config: Readonly<Record<string, unknown>>;
	/** Those of the head, where the class has no place for it, by their names in the checkpoint. */
	readonly head: ReadonlyMap<string, FloatTensor>;
}

type Tensors = readonly (readonly [name: string, tensor: FloatTensor])[];

/** What a head becomes in a class of the family. */
interface Top {
	readonly readBy: string;
	readonly tensors: Tensors;
	/** Of the backbone, in place of those that it has. */
	readonly changed?: Tensors;
	readonly config?: Readonly<Record<string, unknown>>;
}

const CLASSES: Readonly<Record<string, string>> = { bert: 'Bert', distilbert: 'DistilBert', gpt2: 'GPT2' };

/** Null where Hugging Face's library has no such architecture. */
export function huggingFaceModel(
	model: ExportedModel,
	tokenizer: HuggingFaceTokenizer | null,
): HuggingFaceModel | null {
	const architecture = findArchitecture(model.spec.backbone.architecture);
	const format = architecture?.huggingFace;
	const config = architecture && configOfArchitecture(architecture);
	const family = CLASSES[format?.modelType ?? ''];
	if (architecture === null || format === undefined || config === null || family === undefined) return null;
	const top = topOf(format, model, family);
	const { layers } = summarizeBackbone(architecture, model.inputShape).network;
	const prefix = top === null ? '' : format.prefix;
	const tensors = new Map<string, FloatTensor>();
	for (const weight of layers.flatMap(({ weights }) => weights)) {
		const { name, isTransposed } = huggingFaceTensor(weight, format);
		const tensor = model.tensors.get(`backbone/${weight.name}`) as FloatTensor;
		tensors.set(`${prefix}${name}`, isTransposed ? transposed(tensor) : tensor);
	}
	for (const [name, tensor] of [...(top?.changed ?? []), ...(top?.tensors ?? [])]) tensors.set(name, tensor);
	const readBy = top?.readBy ?? `${family}Model`;
	const own = [...model.tensors].filter(([name]) => name.startsWith('head/'));
	return {
		...{ readBy, tensors },
		config: {
			architectures: [readBy],
			...config,
			...idsOf(format, tokenizer),
			...labelsOf(model.spec),
			...top?.config,
		},
		head: new Map(top === null ? own : []),
	};
}

/** GPT-2's classifier tells by the padding where a text ends, so that it must have one. */
const idsOf = ({ modelType }: HuggingFaceFormat, tokenizer: HuggingFaceTokenizer | null): object => ({
	pad_token_id: tokenizer?.paddingId ?? 0,
	...(modelType === 'gpt2' && { bos_token_id: tokenizer?.beginId ?? null, eos_token_id: tokenizer?.endId ?? null }),
});

function labelsOf({ dataset: { classes, task } }: RunSpec): object {
	if (task === 'LANGUAGE_MODELING') return {};
	const labels = classes === null ? { '0': 'value' } : Object.fromEntries(classes.map((name, id) => [id, name]));
	const label2id = Object.fromEntries(Object.entries(labels).map(([id, name]) => [name, Number(id)]));
	return { id2label: labels, label2id, ...(classes === null && { problem_type: 'regression' }) };
}

/** Null where the family's classifier has other layers than the head. */
function topOf(format: HuggingFaceFormat, { spec, tensors }: ExportedModel, family: string): Top | null {
	const of = (name: string) => tensors.get(`head/${name}`) as FloatTensor;
	if (spec.dataset.task === 'LANGUAGE_MODELING') {
		const tied = isTied(spec.head, spec.strategy);
		const own: Tensors = tied ? [] : [['lm_head.weight', of('logits/embeddings')]];
		return { readBy: `${family}LMHeadModel`, tensors: own, config: { tie_word_embeddings: tied } };
	}
	const dense = (from: string, to: string): Tensors => [
		[`${to}.weight`, transposed(of(`${from}/kernel`))],
		[`${to}.bias`, of(`${from}/bias`)],
	];
	const readBy = `${family}ForSequenceClassification`;
	const { hidden } = spec.head;
	if (format.modelType === 'bert' && hidden.length === 0) return { readBy, tensors: dense('logits', 'classifier') };
	if (format.modelType === 'gpt2' && hidden.length === 0) return scored(readBy, format, tensors);
	const units = of('logits/kernel').shape[0];
	const [only] = hidden;
	const isPreClassifier =
		hidden.length === 1 &&
		(only === units || (typeof only === 'object' && only.units === units && only.activation === 'relu'));
	const isSquare = tensors.get('head/hidden1/kernel')?.shape[0] === units;
	if (format.modelType !== 'distilbert' || !isPreClassifier || !isSquare) return null;
	return { readBy, tensors: [...dense('hidden1', 'pre_classifier'), ...dense('logits', 'classifier')] };
}

/** GPT-2's classifier has no bias: it goes into that of the last LayerNorm, which only the classifier reads. */
function scored(readBy: string, { prefix }: HuggingFaceFormat, tensors: ExportedModel['tensors']): Top | null {
	const [kernel, bias, beta] = ['head/logits/kernel', 'head/logits/bias', 'backbone/ln_f/beta'].map((name) =>
		tensors.get(name),
	) as [FloatTensor, FloatTensor, FloatTensor];
	const folded = foldBias(kernel, bias, beta);
	if (folded === null) return null;
	return { readBy, tensors: [['score.weight', transposed(kernel)]], changed: [[`${prefix}ln_f.bias`, folded]] };
}
