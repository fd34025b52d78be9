import { GraftError } from '@graft/domain/error';
import { z } from '@graft/runtime/env';
import { type DatasetAccess, type DatasetInspection, inspectDataset } from '@graft/training/dataset';
import { parseTokenizer, readTokenizerFiles } from '@graft/training/tokenizer';

const source = z.strictObject({
	uri: z.string(),
	format: z.string(),
	options: z.record(z.string(), z.json()).default({}),
	/** Files of a tokenizer: texts are counted in its tokens then. */
	tokenizer: z.string().optional(),
});

/** What is to be registered about the data that a JSON text `{uri, format, options, tokenizer?}` describes. */
export async function inspectFromJson(text: string, access: Partial<DatasetAccess> = {}): Promise<DatasetInspection> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (cause) {
		throw new GraftError('CONFIGURATION', `--json is no JSON text: ${text.slice(0, 80)}`, {}, { cause });
	}
	const parsed = source.safeParse(json);
	if (!parsed.success) {
		const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || '(all)'}: ${issue.message}`);
		throw new GraftError(
			'CONFIGURATION',
			`--json does not describe data ({uri, format, options}): ${wrong.join('; ')}`,
		);
	}
	const { tokenizer: place, ...data } = parsed.data;
	if (place === undefined) return inspectDataset(data, access);
	const tokenizer = parseTokenizer(await readTokenizerFiles(place), place);
	return inspectDataset(data, { ...access, tokenizer });
}
