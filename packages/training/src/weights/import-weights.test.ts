import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Architecture, findArchitecture, huggingFaceTensor, summarizeBackbone } from '@graft/domain/architecture';
import { afterAll, describe, expect, it } from 'vitest';
import { float32, readSafetensors } from '../safetensors/index.js';
import { drawByName } from '../testing/synthetic-weights.js';
import { TINY_CNN } from '../testing/tiny-cnn.js';
import { type ImportedWeights, importWeights } from './import-weights.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/weights');
const scratch = mkdtempSync(path.join(tmpdir(), 'graft-weights-'));
afterAll(() => rmSync(scratch, { recursive: true }));

let count = 0;
/** Imports a fixture; the answer has the numbers of the written file by name. */
async function load(from: string, architecture: string | Architecture | null, ignore: string[] = []) {
	count += 1;
	const to = path.join(scratch, `${count}.safetensors`);
	const imported = await importWeights({ from: path.join(FIXTURES, from), architecture, to, scratch, ignore });
	return { imported, to, tensors: readSafetensors(new Uint8Array(readFileSync(to))).tensors };
}

type Loaded = Awaited<ReturnType<typeof load>>;

/** Every number as the script drew it, bit by bit; nothing else. */
function expectDrawn({ tensors, imported }: Loaded, drawn: ReadonlyMap<string, Float32Array>) {
	expect([...tensors.keys()].sort()).toEqual([...drawn.keys()].sort());
	for (const [name, tensor] of tensors)
		expect([name, [...float32(name, tensor).values]]).toEqual([name, [...(drawn.get(name) ?? [])]]);
	expect(imported.tensors).toBe(drawn.size);
}

/** Numbers of the tiny network as the script drew them, under the names that its layers had there. */
function tinyCnn(nameOf: (layer: string) => string = (layer) => layer): Map<string, Float32Array> {
	const specs = summarizeBackbone(TINY_CNN, TINY_CNN.defaultInput).network.layers.flatMap(({ weights }) => weights);
	return new Map(
		specs.map(({ name, shape }) => {
			const [layer = '', variable = ''] = name.split('/');
			return [`backbone/${name}` as string, drawByName(`${nameOf(layer)}/${variable}`, shape)];
		}),
	);
}

describe('Keras', () => {
	it.each([
		['legacy-weights.h5', 'a Keras weight file (.h5)'],
		['legacy-old.h5', 'a Keras weight file (.h5)'],
		['compressed.h5', 'a Keras weight file (.h5)'],
		['current.weights.h5', 'Keras 3 weights (.weights.h5)'],
		['current.keras', 'a Keras 3 model (.keras)'],
	])('%s: every weight, bit by bit', async (file, format) => {
		const loaded = await load(file, TINY_CNN);
		expectDrawn(loaded, tinyCnn());
		expect(loaded.imported).toMatchObject({ format, architecture: 'tiny-cnn', leftOut: [] });
		expect(loaded.imported.bytes).toBe(statSync(loaded.to).size);
		expect((await readdir(scratch)).filter((name) => name.startsWith('keras-'))).toEqual([]);
	});

	it('names that Keras made up are paired in the order of the model', async () => {
		const names: Record<string, string> = {
			...{ block1_conv: 'conv2d', block2_conv: 'conv2d_1' },
			...{ block1_bn: 'batch_normalization', block2_bn: 'batch_normalization_1' },
		};
		const automatic: Architecture = {
			...TINY_CNN,
			groups: TINY_CNN.groups.map(({ name, layers }) => ({
				name,
				layers: layers.map((layer) => ({ ...layer, name: names[layer.name] ?? layer.name })),
			})),
		};
		// The file's numbers begin with 1, so that one of our names stands for another layer there.
		const later = (name: string) => name.replace(/(?:_(\d+))?$/, (_, number) => `_${Number(number ?? 0) + 1}`);
		const drawn = tinyCnn((layer) => later(names[layer] ?? layer));
		const renamed = [...drawn].map(([name, values]): [string, Float32Array] => [
			name.replace(/block\d_(conv|bn)/, (layer) => names[layer] ?? layer),
			values,
		]);
		expectDrawn(await load('automatic.weights.h5', automatic), new Map<string, Float32Array>(renamed));
	});

	it.each(['nested-model.h5', 'nested.weights.h5'])('%s: the network within a network', async (file) => {
		await expect(load(file, TINY_CNN)).rejects.toThrow(/2 not of this architecture \(.*my_dense.*\)/);
		const ignore = ['my_dense*', 'sequential/my_dense*', 'outer/my_dense*'];
		expectDrawn(await load(file, TINY_CNN, ignore), tinyCnn());
	});

	it('what is more than the backbone must be named', async () => {
		await expect(load('legacy-model-with-top.h5', TINY_CNN)).rejects.toThrow(
			'2 not of this architecture (my_dense/kernel, my_dense/bias)',
		);
		const { imported } = await load('legacy-model-with-top.h5', TINY_CNN, ['my_dense/*']);
		expect(imported.leftOut).toEqual(['my_dense/kernel', 'my_dense/bias']);
	});

	it('another architecture is refused with everything that is missing, wrong and too much, by name', async () => {
		const error = await load('legacy-weights.h5', 'small-cnn').catch((one) => one);
		expect(error).toMatchObject({ name: 'GraftError', code: 'DATA' });
		expect(error.details.missing).toContain('block3_conv/kernel');
		expect(error.details.wrong).toContain('block1_conv/kernel is 3 x 3 x 1 x 4 instead of 3 x 3 x 1 x 32');
		expect(error.message).toMatch(/^The weights are not those of small-cnn: \d+ missing \(.*\); \d+ of another shape/);
	});
});

describe('Hugging Face', () => {
	function drawn(name: string, round: (value: number) => number = (value) => value) {
		const architecture = findArchitecture(name) as Architecture;
		const format = architecture.huggingFace ?? { prefix: '', transposesKernels: true };
		const specs = summarizeBackbone(architecture, architecture.defaultInput).network.layers.flatMap(
			({ weights }) => weights,
		);
		// The script drew under the names of the model that it saved: task models have a prefix.
		return new Map<string, Float32Array>(
			specs.map((spec) => {
				const { name: tensor, isTransposed } = huggingFaceTensor(spec, format);
				const prefix = name.startsWith('distilbert') ? '' : format.prefix;
				const values = drawByName(`${prefix}${tensor}`, spec.shape).map(round);
				if (!isTransposed) return [`backbone/${spec.name}`, values] as const;
				const [rows = 0, columns = 0] = spec.shape;
				return [
					`backbone/${spec.name}`,
					values.map((_, at) => values[(at % columns) * rows + Math.floor(at / columns)] ?? 0),
				] as const;
			}),
		);
	}
	const bert = 'bert-L2-H8-A2-F12-V20-P8';

	it.each([
		['bert', bert, ['classifier.bias', 'classifier.weight']],
		['bert-shards', bert, ['classifier.bias', 'classifier.weight']],
		['bert/model.safetensors', bert, ['classifier.bias', 'classifier.weight']],
		['bert-early', bert, ['cls.seq_relationship.bias']],
		['distilbert', 'distilbert-L1-H8-A2-F12-V20-P8', []],
		['gpt2', 'gpt2-L1-H8-A2-F12-V20-P8', []],
	])('%s: every weight, bit by bit, of the architecture that config.json names', async (from, name, leftOut) => {
		const loaded = await load(from, null);
		expectDrawn(loaded, drawn(name));
		expect(loaded.imported.architecture).toBe(name);
		expect([...loaded.imported.leftOut].sort()).toEqual(leftOut);
	});

	it('reads 16-bit floats as the numbers that they are', async () => {
		const { tensors, imported } = await load('bert-half', null);
		const exact = drawn(bert);
		for (const [name, tensor] of tensors) {
			float32(name, tensor).values.forEach((value, at) => {
				const wanted = exact.get(name)?.[at] ?? Number.NaN;
				expect(Math.abs(value - wanted)).toBeLessThanOrEqual(Math.abs(wanted) * 2 ** -11 + 2 ** -25);
			});
		}
		expect(imported.tensors).toBe(exact.size);
	});

	it('refuses a model of another type or size', async () => {
		await expect(load('gpt2', bert)).rejects.toThrow('config.json is of a gpt2 model');
		await expect(load('bert', 'bert-base')).rejects.toThrow(/missing.*of another shape/s);
		await expect(load('distilbert/model.safetensors', 'resnet50')).rejects.toThrow(/not those of resnet50/);
	});
});

it("Graft's own checkpoints come back as they are, without the head", async () => {
	const { imported, to } = await load('legacy-weights.h5', TINY_CNN);
	const again = await load(path.relative(FIXTURES, to), TINY_CNN);
	expect(again.imported).toEqual<ImportedWeights>({ ...imported, format: 'a Graft checkpoint' });
});

it('is the same file from whatever file the weights came', async () => {
	const digests = await Promise.all(
		['legacy-weights.h5', 'legacy-old.h5', 'compressed.h5', 'current.weights.h5', 'current.keras'].map(
			async (file) => (await load(file, TINY_CNN)).imported.digest,
		),
	);
	expect(new Set(digests).size).toBe(1);
});

it('weights that say nothing of themselves need an architecture; what is no file is named', async () => {
	await expect(load('legacy-weights.h5', null)).rejects.toThrow('give --architecture');
	await expect(load('no-such.h5', TINY_CNN)).rejects.toThrow(/There is no file .*no-such.h5/);
	await expect(load('legacy-weights.h5', 'vgg-11')).rejects.toThrow('There is no architecture vgg-11');
	const empty = path.join(scratch, 'empty');
	await writeFile(empty, '');
	await expect(load(path.relative(FIXTURES, empty), TINY_CNN)).rejects.toThrow('It is empty');
});
