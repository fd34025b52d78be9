import { outputsOf, type Task } from '../dataset/index.js';
import { GraftError } from '../error/index.js';
import type { HeadSpec } from '../run/run.js';
import type { Strategy } from '../strategy/strategy.js';
import type { Architecture, LayerSpec } from './architecture.js';
import { type BackboneSummary, type HeadSummary, summarizeBackbone, summarizeHead, summarizeTop } from './summarize.js';

/** What a backbone and a head on it are to do. */
export interface ModelTask {
	readonly task: Task;
	/** Units of the last layer; a language model has one for each token of its vocabulary, whatever this says. */
	readonly outputs: number;
}

export const modelTask = (dataset: { readonly task: Task; readonly classes: readonly string[] | null }): ModelTask => ({
	task: dataset.task,
	outputs: outputsOf(dataset),
});

export interface ModelSummary {
	readonly body: BackboneSummary;
	readonly top: HeadSummary;
}

/**
 * The backbone on inputs of this shape, and the head on it. @throws GraftError DATA where the shape does not suit the
 * architecture, or the architecture the task.
 */
export function summarizeModel(
	architecture: Architecture,
	inputShape: readonly number[],
	{ task, outputs }: ModelTask,
	head: HeadSpec,
	strategy: Pick<Strategy, 'kind'>,
): ModelSummary {
	if (task !== 'LANGUAGE_MODELING') {
		const body = summarizeBackbone(architecture, inputShape);
		return { body, top: summarizeHead(head, body.network.outputShape, outputs) };
	}
	const model = languageModel(architecture);
	if (model === null) throw new GraftError('DATA', notCausal(architecture.name));
	const body = summarizeBackbone(model.body, inputShape);
	const { name, entries } = model.table;
	const tied = isTied(head, strategy);
	const layer: LayerSpec = { kind: 'unembedding', name: 'logits', table: name, units: entries, tied };
	return { body, top: summarizeTop([layer], body.network.outputShape) };
}

export const notCausal = (architecture: string): string =>
	`${architecture} is no language model: its tokens see those that come after them, or it reads no text. gpt2 of any size is one.`;

/**
 * The architecture without the layer that makes one vector of a text, and its table of tokens; null where its tokens see
 * those that come after them.
 */
export function languageModel(architecture: Architecture) {
	const layers = architecture.groups.flatMap((group) => group.layers);
	const attentions = layers.filter((layer) => layer.kind === 'attention');
	const table = layers.find((layer) => layer.kind === 'embedding' && layer.of === 'tokens');
	const isCausal = attentions.length > 0 && attentions.every(({ causal }) => causal === true);
	if (!isCausal || table?.kind !== 'embedding' || layers.at(-1)?.kind !== 'last-token') return null;
	const last = architecture.groups.length - 1;
	const groups = architecture.groups.map((group, index) =>
		index === last ? { ...group, layers: group.layers.slice(0, -1) } : group,
	);
	return { body: { ...architecture, groups }, table };
}

/**
 * Whether a language model's head is its embeddings. Where nobody says so, it is, but for the strategies whose head learns
 * on a frozen backbone: tied, nothing would learn there.
 */
export const isTied = ({ tied }: Pick<HeadSpec, 'tied'>, { kind }: Pick<Strategy, 'kind'>): boolean =>
	tied ?? !(kind === 'FEATURE_EXTRACTION' || kind === 'LP_FT');
