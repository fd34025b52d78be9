import { TOKEN_ROWS } from '@graft/domain/architecture';
import type { BrokenExample, DatasetStatistics } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import type { JsonObject } from '@graft/domain/json';
import type { DatasetFormat, DatasetPlace, OpenDataset } from '../dataset-format.js';
import type { DatasetContent, Examples } from '../dataset-spec.js';
import { distributionOf } from '../distribution.js';
import { duplicateFinder } from '../find-duplicates.js';
import { pickLabels } from '../pick-labels.js';
import { type GatheredRows, gatherRows, type TableSource } from './gather-rows.js';
import { textCell } from './row.js';
import { digestFiles, findFiles, type TableKind } from './table-files.js';
import { parseTableOptions, type TableOptions, wrongOption } from './table-options.js';
import { type TokenStore, tokenStore } from './token-store.js';

export interface TextTableOptions extends TableOptions {
	/** Column of the text. */
	readonly text: string;
	/** Column of a second text that goes with the first (is this its answer? does it follow?); null: there is none. */
	readonly pair: string | null;
	/** Tokens that a text is cut and padded to; null: as many as the backbone was registered with. */
	readonly length: number | null;
	/** The next token is to be foretold for each one; left out where there are labels or none. */
	readonly task?: typeof LANGUAGE_MODEL;
}

const LANGUAGE_MODEL = 'language-model';

/** A text in each row. Tokens are the backbone's business: texts are registered as they are. */
export const textTable = (kind: TableKind): DatasetFormat<TextTableOptions> => ({
	name: `${kind}-text`,
	modality: 'TEXT',
	parseOptions,
	open: async (place, options): Promise<OpenDataset> => {
		const files = await findFiles(place, options);
		const { text, pair, label, target, split } = options;
		const columns = [text, pair, label, target, split.by === 'column' ? split.column : null].flatMap(
			(one) => one ?? [],
		);
		const source = { uri: place.uri, kind, files, options, columns };
		let reading: Promise<ReadTexts> | null = null;
		const read = () => {
			reading ??= readTexts(source, options, place);
			return reading;
		};
		return {
			digest: await digestFiles(files),
			task: options.task === LANGUAGE_MODEL ? 'LANGUAGE_MODELING' : target === null ? 'CLASSIFICATION' : 'REGRESSION',
			inputShape: options.length === null ? null : [TOKEN_ROWS, options.length],
			load: async () => contentOf(await read(), options),
			statistics: async () => (await read()).statistics,
		};
	},
});

function parseOptions(given: JsonObject): TextTableOptions {
	const { text = 'text', pair = null, length = null, task, ...rest } = given;
	if (typeof text !== 'string' || text === '') wrongOption('text', 'must be the name of a column');
	if (pair !== null && (typeof pair !== 'string' || pair === '')) wrongOption('pair', 'must be the name of a column');
	if (length !== null && !(Number.isSafeInteger(length) && (length as number) >= 3)) {
		wrongOption('length', 'must be a number of tokens from 3 (a text has two special tokens)');
	}
	const common = parseTableOptions(rest, ['text', 'pair', 'length', 'task']);
	const asked = { ...common, text, pair, length: length as number | null };
	if (task === undefined || task === null) return asked;
	if (task !== LANGUAGE_MODEL) wrongOption('task', `must be ${LANGUAGE_MODEL}, or left out`);
	if ((common.label ?? common.target) !== null) wrongOption('task', 'cannot stand beside label or target');
	return { ...asked, task };
}

interface ReadTexts extends GatheredRows {
	/** Null where nobody said how texts become tokens: then they can be described, and not be trained on. */
	readonly tokens: TokenStore | null;
	readonly statistics: DatasetStatistics;
}

async function readTexts(
	source: TableSource,
	{ text: textColumn, pair: pairColumn, length: asked }: TextTableOptions,
	{ version, access: { tokenizer, length: given } }: DatasetPlace,
): Promise<ReadTexts> {
	const length = asked ?? given;
	const tokens = tokenizer === null || length === null ? null : tokenStore(length, tokenizer.paddingId);
	// Nobody reads the statistics of data that are known already.
	const describe = version === null;
	const duplicates = duplicateFinder();
	const [words, lengths]: [number[], number[]] = [[], []];
	const empty: BrokenExample[] = [];
	let bytes = 0;
	const gathered = await gatherRows(source, (row) => {
		const text = textCell(row, textColumn);
		const pair = pairColumn === null ? null : (textCell(row, pairColumn) ?? '');
		if (text === null || text.trim() === '') {
			empty.push({ name: row.place, reason: 'The text is empty.' });
			return false;
		}
		if (tokenizer !== null && length !== null) tokens?.add(tokenizer.encode(text, pair, length));
		if (!describe) return true;
		const both = pair === null ? text : `${text}\n${pair}`;
		bytes += Buffer.byteLength(both);
		words.push(both.split(/\s+/).filter(Boolean).length);
		if (tokenizer !== null) lengths.push(tokenizer.encode(text, pair, Number.POSITIVE_INFINITY).ids.length);
		duplicates.add(both, row.place);
		return true;
	});
	const distributions = [
		distributionOf('words', 'words', words),
		...(tokenizer === null ? [] : [distributionOf('tokens', 'tokens', lengths)]),
	];
	const broken = { count: empty.length, named: empty.slice(0, 20) };
	return {
		...gathered,
		tokens,
		statistics: { bytes, distributions, duplicates: duplicates.find(gathered.positions), broken },
	};
}

function contentOf({ classes, labels, positions, tokens }: ReadTexts, { task }: TextTableOptions): DatasetContent {
	const examples = (rows: readonly number[]): Examples => ({
		count: rows.length,
		labels: task === LANGUAGE_MODEL ? (tokens?.nextTokens(rows) ?? new Int32Array(0)) : pickLabels(labels, rows),
		inputs: {
			ahead: 0,
			largest: tokens?.largest() ?? [0, 0],
			read: async (asked) => {
				if (tokens === null) throw new GraftError('DATA', 'These texts were read without a tokenizer.');
				return tokens.inputs(asked.map((position) => rows[position] ?? 0));
			},
		},
	});
	return {
		classes,
		inputShape: [TOKEN_ROWS, tokens?.length ?? 0],
		splits: {
			train: examples(positions.train),
			validation: examples(positions.validation),
			test: examples(positions.test),
		},
		attribution: null,
	};
}
