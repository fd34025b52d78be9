import { readFile } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { z } from '@graft/runtime/env';
import { EXPORT_FORMATS, type Exported, exportRun } from '@graft/training/export';

const job = z.strictObject({
	/** As the API keeps it; what is wrong in it surfaces as DATA. */
	spec: z.record(z.string(), z.unknown()),
	facts: z.strictObject({
		...{ id: z.string(), name: z.string(), strategy: z.string(), checkpoint: z.string() },
		...{ metrics: z.record(z.string(), z.number()), source: z.string().nullable(), licence: z.string().nullable() },
	}),
	/** Files here. */
	checkpoint: z.string(),
	tokenizer: z.string().nullable(),
	format: z.enum(EXPORT_FORMATS),
	folder: z.string(),
});

/** Carries out the export that a JSON file describes. */
export async function exportModel(file: string): Promise<Exported> {
	const parsed = job.safeParse(JSON.parse(await readFile(file, 'utf8')));
	if (!parsed.success) {
		const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || '(all)'}: ${message}`);
		throw new GraftError('CONFIGURATION', `The file does not describe an export: ${wrong.join('; ')}`);
	}
	const { spec, checkpoint, tokenizer, ...rest } = parsed.data;
	return exportRun({
		...rest,
		spec: spec as unknown as RunSpec,
		checkpoint: new Uint8Array(await readFile(checkpoint)),
		tokenizer: tokenizer === null ? null : new Uint8Array(await readFile(tokenizer)),
	});
}
