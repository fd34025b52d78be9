import type { RunSpec } from '@graft/domain/run';
import type { ExportFormat } from './exported-model.js';
import { preprocessingOf, type RunFacts } from './provenance.js';

export interface CardSubject {
	readonly spec: RunSpec;
	readonly facts: RunFacts;
	readonly format: ExportFormat;
	/** Class of Hugging Face's library that reads it, if one does. */
	readonly readBy: string | null;
}

/** README.md of an export: what the model is, what it reads and gives, and how it came about. */
export function modelCard({ spec, facts, format, readBy }: CardSubject): string {
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
		...['', '## Use', '', ...usage(format, readBy), ''],
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

function usage(format: ExportFormat, readBy: string | null): string[] {
	const code = (language: string, ...lines: string[]) => [`\`\`\`${language}`, ...lines, '```'];
	switch (format) {
		case 'tfjs':
			return code(
				'js',
				"const model = await tf.loadLayersModel('…/model.json');",
				'const probabilities = model.predict(inputs);',
			);
		case 'h5':
			return code(
				'python',
				'model = keras.models.load_model("model.h5", compile=False)',
				'probabilities = model.predict(inputs)',
			);
		case 'onnx':
			return code(
				'python',
				'session = onnxruntime.InferenceSession("model.onnx")',
				'probabilities, = session.run(None, {"input": inputs})',
			);
		case 'safetensors':
			return readBy === null
				? ["The tensors bear Graft's names: `backbone/<layer>/<variable>` and `head/<layer>/<variable>`."]
				: code('python', `model = transformers.${readBy}.from_pretrained(".")`, 'logits = model(**tokens).logits');
	}
}

function outputs({ dataset }: RunSpec, format: ExportFormat): string[] {
	if (dataset.classes === null) return ['One number: the value.'];
	const what = format === 'safetensors' ? 'logits' : 'probabilities';
	return [
		`One of the ${what} for each label, in this order:`,
		'',
		...dataset.classes.map((name, index) => `${index}. ${name}`),
	];
}
