import type { RunSpec } from '@graft/domain/run';
import type { ExportFormat } from './exported-model.js';
import { preprocessingOf, type RunFacts } from './provenance.js';
import { usage } from './usage.js';

export interface CardSubject {
	readonly spec: RunSpec;
	readonly facts: RunFacts;
	readonly format: ExportFormat;
	/** Class of Hugging Face's library that reads it, if one does. */
	readonly readBy: string | null;
	/** File of the head, where that class has no place for it. */
	readonly headFile: string | null;
}

/** README.md of an export: what the model is, what it reads and gives, and how it came about. */
export function modelCard(subject: CardSubject): string {
	const { spec, facts, format } = subject;
	const { backbone, dataset, plan, seed, epochs, batchSize } = spec;
	const { kind, tokenizer, ...rest } = preprocessingOf(spec) as Record<string, unknown>;
	const reads = Object.entries(rest).map(
		([name, value]) => `- ${name}: ${Array.isArray(value) ? value.join(' x ') : value}`,
	);
	const total = plan.trainableParameters + plan.frozenParameters;
	const percent = ((100 * plan.trainableParameters) / total).toFixed(1);
	const lines = [
		...['---', `base_model: ${JSON.stringify(backbone.name)}`],
		...(facts.licence === null ? [] : [`license: ${JSON.stringify(facts.licence)}`]),
		...['tags: [graft, transfer-learning]', '---', '', `# ${facts.name}`, ''],
		`A ${backbone.architecture} that was fine-tuned on ${dataset.name} with the strategy ${facts.strategy}.`,
		...['', '## Use', '', ...usage(subject), ''],
		...['## Inputs', '', `Inputs are ${String(kind)}.`, '', ...reads],
		...(tokenizer === undefined ? [] : ['- tokenizer: tokenizer.json']),
		...['', '## Outputs', '', ...outputs(spec, format), ''],
		...['## How it came about', '', '| | |', '|---|---|'],
		row('base backbone', `${backbone.name} (${backbone.architecture})`),
		row('its weights', backbone.weightsDigest === null ? 'random' : `sha256 ${backbone.weightsDigest}`),
		...(facts.source === null ? [] : [row('their source', facts.source)]),
		row('strategy', facts.strategy),
		row('learning', `${plan.trainableParameters} of ${total} parameters (${percent} %)`),
		...plan.phases.map(({ epochs: count, groups }, index) => {
			const learning = groups
				.filter(({ trains }) => trains !== 'NONE')
				.map(({ group, trains }) => `${group} (${trains.toLowerCase()})`);
			return row(`phase ${index + 1}, ${count} epochs`, `learn: ${learning.join(', ')}; the rest is frozen`);
		}),
		row('data', `${dataset.name}, version ${dataset.version}`),
		row('training', `${epochs} epochs, batches of ${batchSize}, seed ${seed}`),
		row('run', facts.id),
		row('final checkpoint', `sha256 ${facts.checkpoint}`),
		...['', '## Metrics', '', '| metric | value |', '|---|---|'],
		...Object.entries(facts.metrics).map(([name, value]) => row(name, String(value))),
		'',
	];
	return lines.join('\n');
}

const row = (name: string, value: string): string => `| ${name} | ${value.replaceAll('|', '\\|')} |`;

function outputs({ dataset }: RunSpec, format: ExportFormat): string[] {
	if (dataset.task === 'LANGUAGE_MODELING') {
		return ['For each token a score (a logit) for each token of the vocabulary, of which is the next one.'];
	}
	if (dataset.classes === null) return ['One number: the value.'];
	const what = format === 'safetensors' ? 'logits' : 'probabilities';
	return [
		`One of the ${what} for each label, in this order:`,
		'',
		...dataset.classes.map((name, index) => `${index}. ${name}`),
	];
}
