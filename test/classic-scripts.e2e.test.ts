import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGraftClient, type GraftClient, uploadFile } from '@graft/client/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from './bench/program.js';
import { CatalogueDocument, type RegisterBackboneInput, RegisterStandInDocument } from './gql/graphql.js';
import { chromiumPath, openBrowser, openPage } from './support/browser.js';
import { freePort, type Running, root, runGraft } from './support/process.js';

const BERT = 'bert-L2-H128-A2-F512-V30522-P512';
const GPT2 = 'gpt2-L1-H16-A2-F32-V30522-P64';

/** What `graft run --json` prints. */
interface Printed {
	readonly experiment: { readonly id: string };
	readonly runs: readonly {
		readonly id: string;
		readonly status: string;
		readonly epochs: readonly Readonly<Record<string, number>>[];
		readonly test: Readonly<Record<string, number>>;
		readonly verification: { readonly ok: boolean };
	}[];
}

// The files of examples/ on real pictures and texts, with weights of the true architectures that nobody has trained; images,
// texts and BERT are smaller than the files say, by --set.
describe('the classic scripts', () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-classic-'));
	let up: Running;
	let client: GraftClient;
	let api: string;
	let dashboard: string;
	let places: Readonly<Record<'resnet50' | 'bert' | 'tokenizer' | 'pictures' | 'reviews', string>>;

	beforeAll(async () => {
		const [port, dashboardPort] = [await freePort(), await freePort()];
		[api, dashboard] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${dashboardPort}`];
		const flags = ['--data', path.join(folder, 'data'), '--port', `${port}`, '--dashboard-port', `${dashboardPort}`];
		up = runGraft(['up', '--json', ...flags]);
		const program = 'packages/training/dist/bench/classic/classic-scripts.js';
		places = (await runProgram(program, ['prepare', folder], () => undefined)) as typeof places;
		await up.printed(/"ready":true/);
		client = createGraftClient({ url: api });
		const [resnet50, bert, tokenizer] = await Promise.all([upload('resnet50'), upload('bert'), upload('tokenizer')]);
		await register({ name: 'resnet50', architecture: 'resnet50', inputShape: [64, 64, 3], weightsDigest: resnet50 });
		const text = { inputShape: [3, 64], weightsDigest: bert, tokenizerDigest: tokenizer };
		await register({ name: 'bert', architecture: BERT, ...text });
		await register({ name: 'table', architecture: 'small-mlp', inputShape: [2] });
		await register({ name: 'gpt2', architecture: GPT2, inputShape: [3, 16], tokenizerDigest: tokenizer });
	});
	afterAll(async () => {
		await client?.close();
		await up?.stop();
		rmSync(folder, { recursive: true, force: true });
	});

	const upload = (name: keyof typeof places) => uploadFile(client, readFileSync(places[name]));
	async function register(input: RegisterBackboneInput) {
		const { registerBackbone } = await client.request(RegisterStandInDocument, { input });
		expect(registerBackbone).toMatchObject({ __typename: 'BackboneRegistered' });
	}
	async function graftRun(file: string, dataset: string, backbone: string, ...set: string[]) {
		const flags = set.flatMap((one) => ['--set', one]);
		const running = runGraft([
			'run',
			file,
			'--dataset',
			dataset,
			'--backbone',
			backbone,
			...flags,
			'--json',
			'--api',
			api,
		]);
		const { code } = await running.exited;
		return { code, stdout: running.stdout(), stderr: running.stderr() };
	}
	async function printed(...args: Parameters<typeof graftRun>): Promise<Printed> {
		const { code, stdout, stderr } = await graftRun(...args);
		expect(stderr).not.toMatch(/failed/i);
		expect(code, stderr).toBe(0);
		return JSON.parse(stdout) as Printed;
	}
	/** Titles of the charts that a run's page draws. */
	async function chartsOf(id: string): Promise<readonly string[]> {
		const browser = await openBrowser();
		try {
			const { page, faults } = await openPage(browser, `${dashboard}/runs/${id}`);
			await page.getByTestId('chart').first().waitFor();
			// The frames of charts stand before their points have come.
			await page.waitForFunction(
				() => document.querySelectorAll('[data-testid=chart]:not([data-points="0"])').length > 1,
			);
			const charts = await page.getByTestId('chart').evaluateAll((found) =>
				found.flatMap((chart) => {
					const figure = chart.closest('figure') ?? chart.parentElement;
					return Number(chart.getAttribute('data-points')) > 0 ? [figure?.textContent ?? ''] : [];
				}),
			);
			expect(faults).toEqual([]);
			return charts;
		} finally {
			await browser.close();
		}
	}

	it('ResNet50 on ten kinds of pictures: frozen, five epochs, as the file says', async () => {
		const set = 'data.options.size=[64, 64]';
		const { runs } = await printed(
			'examples/resnet50-dog-breeds.yaml',
			fileURLToPath(places.pictures),
			'resnet50',
			set,
		);
		expect(runs).toMatchObject([{ status: 'SUCCEEDED', verification: { ok: true } }]);
		expect(runs[0]?.epochs).toHaveLength(5);
		const losses = runs[0]?.epochs.map((epoch) => epoch.train_loss ?? Number.NaN) ?? [];
		expect(losses[4]).toBeLessThan(losses[0] ?? 0);
		// The figures of `npm run bench -- scripts`, where Keras has them too.
		expect(losses[0]).toBeCloseTo(2.5363, 2);
		if (chromiumPath !== null) expect((await chartsOf(runs[0]?.id ?? '')).join()).toMatch(/Accuracy.*Loss/);
	});

	it('BERT on sentiments: all of it, three epochs, on tokens of its own tokenizer', async () => {
		const set = [`backbone.architecture=${BERT}`, 'data.options.length=64'];
		const { runs } = await printed('examples/bert-sentiment.yaml', fileURLToPath(places.reviews), 'bert', ...set);
		expect(runs).toMatchObject([{ status: 'SUCCEEDED', verification: { ok: true }, test: {} }]);
		expect(runs[0]?.epochs).toHaveLength(3);
		expect(runs[0]?.epochs[0]?.train_loss).toBeCloseTo(0.8181, 2);
		for (const epoch of runs[0]?.epochs ?? []) {
			expect(Object.keys(epoch).sort()).toEqual(['train_accuracy', 'train_loss', 'val_accuracy', 'val_loss']);
		}
	});

	it('a regression on a table: its error is what decides, less of it is better, and the page names it', async () => {
		const rows = Array.from({ length: 80 }, (_, i) => `${i},${(i * 7) % 13},${i / 10 + ((i * 7) % 13)}`);
		const table = path.join(folder, 'prices.csv');
		writeFileSync(table, ['size,floor,price', ...rows].join('\n'));
		const file = path.join(folder, 'prices.yaml');
		const lines = [
			...['experiment: Prices', 'data: { format: csv-table, options: { target: price } }'],
			...['backbone: { architecture: small-mlp }', 'strategy: { kind: from-scratch, learningRate: 1.0e-2 }'],
			...['loss: mae', 'epochs: 30', 'batchSize: 16', 'seeds: [1, 2]'],
		];
		writeFileSync(file, lines.join('\n'));
		const { experiment, runs } = await printed(file, table, 'table');
		expect(runs.map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
		for (const { test } of runs) expect(test.test_mae).toBeLessThan(2);
		const compared = runGraft(['compare', experiment.id, '--json', '--api', api]);
		await compared.exited;
		expect(JSON.parse(compared.stdout())).toMatchObject({ metric: 'test_mae', direction: 'MINIMIZE' });
		if (chromiumPath !== null) expect((await chartsOf(runs[0]?.id ?? '')).join()).toMatch(/Mean absolute error/);
	});

	it('GPT-2 on lines of text: perplexity is what decides, and the page names it', async () => {
		const lines = Array.from({ length: 60 }, (_, i) => ['good', 'bad', 'good', 'fine'].slice(i % 3).join(' '));
		const file = path.join(folder, 'lines.txt');
		writeFileSync(file, lines.join('\n'));
		const set = [`backbone.architecture=${GPT2}`, 'data.options.length=16', 'strategy.kind=from-scratch'];
		const faster = [...set, 'strategy.learningRate=0.01', 'epochs=4'];
		const { experiment, runs } = await printed('examples/gpt2-language-model.yaml', file, 'gpt2', ...faster);
		expect(runs).toMatchObject([{ status: 'SUCCEEDED', verification: { ok: true } }]);
		const perplexities = runs[0]?.epochs.map((epoch) => epoch.val_perplexity ?? Number.NaN) ?? [];
		expect(perplexities[3]).toBeLessThan((perplexities[0] ?? 0) / 2);
		const compared = runGraft(['compare', experiment.id, '--json', '--api', api]);
		await compared.exited;
		expect(JSON.parse(compared.stdout())).toMatchObject({ metric: 'val_perplexity', direction: 'MINIMIZE' });
		if (chromiumPath !== null) expect((await chartsOf(runs[0]?.id ?? '')).join()).toMatch(/Perplexity.*Loss/);
	});

	it('what cannot be is refused with the line or the reason, and nothing is launched', async () => {
		const before = (await client.request(CatalogueDocument, {})).experiments.nodes.length;
		const file = path.join(folder, 'refused.yaml');
		const text = readFileSync(path.join(root, 'examples/resnet50-dog-breeds.yaml'), 'utf8');
		writeFileSync(file, text.replace('experiment: Dog breeds', 'experiment: Never made'));
		const pictures = fileURLToPath(places.pictures);
		const refused: [Awaited<ReturnType<typeof graftRun>>, RegExp][] = [
			[await graftRun(file, pictures, 'bert'), /line \d+: the file is for resnet50, and the backbone bert is a bert-/],
			[
				await graftRun(file, pictures, 'bert', `backbone.architecture=${BERT}`, 'data.options.size=[64, 64]'),
				/the backbone reads text, the dataset holds images/,
			],
			[await graftRun(file, pictures, 'resnet50', 'epochs=0'), /--set: epochs: /],
			[await graftRun(file, 'nowhere', 'resnet50'), /There is nothing at .*nowhere/],
			[await graftRun('examples/bert-sentiment.yaml', pictures, 'bert', `backbone.architecture=${BERT}`), /train\.csv/],
			[
				await graftRun(file, pictures, 'resnet50', 'data.options.size=[64, 64]', 'strategy.unfreezeFrom=conv9'),
				/--set: .*unfreezeFrom/,
			],
		];
		for (const [{ code, stderr }, message] of refused) {
			expect(stderr).toMatch(message);
			expect(code).toBe(1);
		}
		expect((await client.request(CatalogueDocument, {})).experiments.nodes).toHaveLength(before);
	});
});
