import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ROOT } from '../platform/paths.js';
import { parseOverride, readRunFile } from './read-run-file.js';
import { headOf } from './run-file.js';

const TEXT = `# a script
experiment: Dogs
data:
  format: image-folder
  options: { size: [64, 64] }
backbone:
  architecture: resnet50
strategy:
  kind: feature-extraction
  learningRate: 1.0e-3
head:
  hidden: [256]
  classes: 10
loss: categorical_crossentropy
epochs: 5
batchSize: 32
`;
const read = (text: string, ...set: string[]) => readRunFile(text, 'dogs.yaml', set.map(parseOverride));

describe('a run file', () => {
	it('is read, with defaults', () => {
		const { file } = read(TEXT);
		expect(file).toMatchObject({
			strategy: { kind: 'FEATURE_EXTRACTION', learningRate: 1e-3 },
			data: { format: 'image-folder', options: { size: [64, 64] } },
			...{ epochs: 5, batchSize: 32, seeds: [0], optimizer: { kind: 'adam' } },
		});
		expect(headOf(file)).toEqual({ hidden: [256] });
		expect(headOf(read(TEXT.replace('categorical_crossentropy', 'mae')).file)).toEqual({ hidden: [256], loss: 'mae' });
	});

	it('may be overridden from the command line, at any depth', () => {
		const { file } = read(TEXT, 'epochs=2', 'data.options.size=[32, 48]', 'head.dropout=0.5', 'training.mixup=0.2');
		expect(file).toMatchObject({ epochs: 2, data: { options: { size: [32, 48] } }, head: { dropout: 0.5 } });
		expect(file.training).toEqual({ mixup: 0.2 });
	});

	it('says at which line a field of the launch stands', () => {
		const { placeOf } = read(TEXT, 'epochs=2');
		expect(placeOf('strategies[0].learningRate')).toBe('dogs.yaml, line 10');
		expect(placeOf('strategies[0].rank')).toBe('dogs.yaml, line 8');
		expect(placeOf('head.hidden[0]')).toBe('dogs.yaml, line 12');
		expect(placeOf('head.loss')).toBe('dogs.yaml, line 14');
		expect(placeOf('epochs')).toBe('dogs.yaml, --set');
		expect(placeOf('datasetIds')).toBe('dogs.yaml, line 1');
	});

	test.each<[string, string, RegExp]>([
		[
			'a key that there is not',
			TEXT.replace('batchSize', 'batch_size'),
			/^dogs\.yaml, line 16: batch_size: Unrecognized key/m,
		],
		['a key that is missing', TEXT.replace('epochs: 5\n', ''), /^dogs\.yaml, line 1: epochs: /m],
		['a number of the wrong kind', TEXT.replace('epochs: 5', 'epochs: five'), /line 15: epochs: .*number/],
		['a wrong item of a list', TEXT.replace('[256]', '[256, 0]'), /line 12: head\.hidden\.1: /],
		['an unknown strategy', TEXT.replace('feature-extraction', 'magic'), /line 9: strategy\.kind: there are .*lora/],
		['an unknown loss', TEXT.replace('categorical_crossentropy', 'hinge'), /line 14: loss: .*categorical_crossentropy/],
		['what is no YAML', TEXT.replace('epochs: 5', 'epochs: [5'), /^dogs\.yaml, line 1[56]: /],
		['a key twice', `${TEXT}epochs: 6\n`, /^dogs\.yaml, line 17: Map keys must be unique/],
		['a list', '- 1\n', /^dogs\.yaml, line 1: the file: .*object/],
		['an alias to nothing', TEXT.replace(/^experiment: .*$/m, 'experiment: *x'), /^dogs\.yaml: Unresolved alias/],
		['a merge of nothing', `${TEXT}\n<<: *x`, /^dogs\.yaml: Unresolved alias/],
		['nothing', '', /^dogs\.yaml, line 1: the file: /],
	])('%s is refused with its line', (_, text, message) => {
		expect(() => read(text)).toThrowError(message);
	});

	test.each<[string, RegExp]>([
		['epochs', /--set takes path=value/],
		['epochs=[', /--set epochs: /],
		['epochs.now=2', /--set epochs\.now: the file has no such place/],
		['epochs=0', /^dogs\.yaml, --set: epochs: /],
		['speed=2', /^dogs\.yaml, --set: speed: Unrecognized key/],
	])('--set %s is refused', (set, message) => {
		expect(() => read(TEXT, set)).toThrowError(message);
	});

	it('any text is a run or refused by name', () => {
		const line = fc.constantFrom(...TEXT.split('\n'), '- &a [*a]', '<<: *x', '? :', '!!binary x', 'experiment: {');
		const text = fc.oneof(
			fc.string(),
			fc.array(line).map((lines) => lines.join('\n')),
		);
		fc.assert(
			fc.property(text, (given) => {
				try {
					read(given);
				} catch (error) {
					expect(error).toMatchObject({ name: 'GraftError', code: 'CONFIGURATION' });
				}
			}),
		);
	});

	test.each([
		['resnet50-dog-breeds', 5],
		['bert-sentiment', 3],
		['gpt2-language-model', 3],
	])('examples/%s.yaml is one', (name, epochs) => {
		const text = readFileSync(path.join(ROOT, 'examples', `${name}.yaml`), 'utf8');
		expect(readRunFile(text, name).file.epochs).toBe(epochs);
	});
});
