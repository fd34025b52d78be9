import path from 'node:path';
import { ShowDatasetDocument } from '@graft/client/gql';
import { createGraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import type { Command } from 'commander';
import { newestWithTokenizer, withTokenizerOf } from '../dataset/backbone-tokenizer.js';
import { datasetLines } from '../dataset/dataset-lines.js';
import { locate } from '../dataset/locate.js';
import { parseOptionFlag } from '../dataset/parse-options.js';
import { registerDataset } from '../dataset/register-dataset.js';
import { type DatasetProgress, type InspectedDataset, inspectDataset } from '../platform/inspect-dataset.js';
import { wholeNumber } from '../terminal/numbers.js';
import { printJson, printLines } from '../terminal/output.js';
import { createScreen } from '../terminal/screen.js';
import { resolveApi } from './platform-flags.js';

interface ImportFlags {
	readonly name: string;
	readonly format?: string;
	readonly option: JsonObject;
	readonly tokenizer?: string;
	readonly backbone?: string;
	readonly data?: string;
	readonly api?: string;
	readonly json?: boolean;
}

const EXAMPLES = `
Nothing is put elsewhere: trainers read the data from where they are (what is behind an address or in an archive by way of a
folder of their own), and compare them with what was imported.

Examples:
  graft dataset import ~/pets --name pets                          a subfolder a class, or train/, validation/, test/
  graft dataset import ~/pets --name pets --option size=[160,160] --option split.kind=flow_from_directory
  graft dataset import ~/new --name new-pets --option labelled=false       pictures without labels, as a target
  graft dataset import https://example.org/pets.zip --name pets            or a .zip, .tar or .tar.gz here or in s3://
  graft dataset import mnist.npz --name mnist
  graft dataset import ~/reviews.csv --name reviews --format csv-text --option label=stars --backbone bert
  graft dataset import ~/poems.txt --name poems --format plain-text --option task=language-model --tokenizer ~/gpt2
  graft dataset import ~/flats.parquet --name flats --format parquet-table --option target=price --option categorical='["city"]'
  graft dataset import ~/reviews --name split-reviews --format jsonl-text --option label=stars \\
    --option split.files.train=train.jsonl --option split.files.validation=dev.jsonl
  graft dataset import s3://bucket/reviews.csv --name reviews --format csv-text --option label=stars
  graft dataset show pets
`;

export function addDataset(program: Command): void {
	const dataset = program.command('dataset').description('Data that trainers can read.');
	dataset
		.command('import')
		.argument('<place>', 'a path, or an address file:, https:, s3:, builtin:')
		.description('Look at data (counts, sizes, duplicates, what is broken) and put them into the catalogue.')
		.requiredOption('--name <name>', 'what runs will call them')
		.option('--format <format>', 'how they are to be read (a folder or an archive: image-folder)')
		.option('--option <name=value>', 'an option of the format; repeatable', parseOptionFlag, {})
		.option('--tokenizer <place>', 'tokenizer.json, vocab.txt or the folder of a model: counts texts in tokens, too')
		.option(
			'--backbone <name>',
			'the backbone whose tokenizer counts texts in tokens (default: the newest one with a tokenizer)',
		)
		.option('--data <dir>', 'data directory of the trainers (default: .graft in the checkout)')
		.option('--json', 'print what was found as one JSON object')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.addHelpText('after', EXAMPLES)
		.exitOverride()
		.action(importDataset);
	dataset
		.command('show')
		.argument('<name>')
		.description('What was found about a data set when it was imported.')
		.option('--json', 'print it as one JSON object')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.exitOverride()
		.action(showDataset);
}

async function importDataset(place: string, flags: ImportFlags): Promise<void> {
	const { uri, format: guessed } = locate(place);
	const format = flags.format ?? guessed;
	if (format === null) throw new GraftError('CONFIGURATION', `${place} may be many things: say which by --format.`);
	if (flags.tokenizer !== undefined && flags.backbone !== undefined) {
		throw new GraftError('CONFIGURATION', 'Give --tokenizer or --backbone: each names a tokenizer.');
	}
	const source = { uri, format, options: flags.option };
	const screen = createScreen(process.stderr);
	let progress: DatasetProgress | null = null;
	const line = () => (progress === null ? `Opening ${uri} …` : progressLine(progress));
	screen.show({ picture: line, line });
	const onProgress = (now: DatasetProgress) => {
		progress = now;
	};
	const dataDir = flags.data === undefined ? undefined : path.resolve(flags.data);
	const inspect = (tokenizer?: string) => inspectDataset({ ...source, tokenizer }, onProgress, dataDir);
	const client = createGraftClient({ url: resolveApi(flags.api) });
	try {
		const given = flags.tokenizer && path.resolve(flags.tokenizer);
		const isUnsaid = format.endsWith('-text') && given === undefined && flags.backbone === undefined;
		// What tokens are, only a backbone says: texts are counted in those of the newest one.
		const backbone = isUnsaid ? await newestWithTokenizer(client) : (flags.backbone ?? null);
		const inspecting = backbone === null ? inspect(given) : withTokenizerOf(client, backbone, inspect);
		const inspected = await inspecting.finally(() => screen.rest());
		const { id } = await registerDataset(client, flags.name, source, inspected);
		if (flags.json) printJson({ id, name: flags.name, ...source, ...inspected });
		else
			printLines([
				...datasetLines({ name: flags.name, ...inspected }),
				...tokenHint(inspected, isUnsaid ? backbone : null),
			]);
	} finally {
		await client.close();
	}
}

/** Whose tokens were counted where nobody said it; or how to have them counted. */
function tokenHint({ modality, statistics }: InspectedDataset, chosen: string | null): string[] {
	if (chosen !== null)
		return ['', `Tokens are those of the backbone ${chosen}; --backbone or --tokenizer names another.`];
	if (modality !== 'TEXT' || statistics?.distributions.some(({ name }) => name === 'tokens')) return [];
	return ['', 'No backbone here says what tokens are: --tokenizer PLACE counts texts in them, too.'];
}

const DOING: Readonly<Record<string, string>> = {
	decode: 'Looked at',
	fetch: 'Fetched',
	hash: 'Compared',
	read: 'Read',
	unpack: 'Unpacked',
};

const progressLine = ({ stage, done, total }: DatasetProgress): string =>
	`${DOING[stage] ?? stage} ${wholeNumber(done)} of ${wholeNumber(total)} (${Math.floor((100 * done) / Math.max(1, total))} %)`;

async function showDataset(name: string, { api, json }: { readonly api?: string; readonly json?: boolean }) {
	const client = createGraftClient({ url: resolveApi(api) });
	try {
		const { dataset } = await client.request(ShowDatasetDocument, { name });
		if (dataset === null) throw new GraftError('CONFIGURATION', `There is no dataset ${name}.`);
		if (json) printJson(dataset);
		else printLines(datasetLines(dataset));
	} finally {
		await client.close();
	}
}
