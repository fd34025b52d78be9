import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findArchitecture } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { z } from '@graft/runtime/env';
import { newId } from '@graft/runtime/id';
import { type Proxies, type PulledWeights, proxyFetch, pullWeights } from '@graft/training/download';
import { readTokenizerFiles } from '@graft/training/tokenizer';
import { type ImportedWeights, importWeights } from '@graft/training/weights';

const request = z.strictObject({
	/** A file or a folder; or a name to pull. */
	file: z.string().optional(),
	pull: z.string().optional(),
	architecture: z.string().nullable().default(null),
	ignore: z.array(z.string()).default([]),
});

export interface WeightSources {
	readonly dataDir: string;
	readonly proxies: Proxies;
	readonly hubUrl: string;
	readonly kerasUrl: string;
	readonly hubToken: string | undefined;
}

/** What stdout gets, a line each: how far it is, and at last what came of it. */
export type WeightLine =
	| { readonly kind: 'progress'; readonly stage: 'download' | 'import'; readonly done: number; readonly total: number }
	| ({ readonly kind: 'imported' } & BroughtWeights);

export interface BroughtWeights extends ImportedWeights {
	/** The backbone's file; whoever asked for it removes it. */
	readonly file: string;
	/** A tokenizer.json, where the weights came with one; likewise. */
	readonly tokenizer: string | null;
	readonly source: string;
	readonly licence: string | null;
	readonly pulled: PulledWeights['files'];
}

/** Makes a backbone's file of weights that lie here, or that have to be fetched, as a JSON text asks. */
export async function bringWeights(
	text: string,
	sources: WeightSources,
	tell: (line: WeightLine) => void,
): Promise<void> {
	const { file, pull, architecture, ignore } = parse(text);
	const progress = (stage: 'download' | 'import') =>
		everySoOften((done, total) => tell({ kind: 'progress', stage, done, total }));
	const found =
		pull === undefined
			? {
					from: path.resolve(file ?? ''),
					architecture: null,
					source: path.basename(file ?? ''),
					licence: null,
					files: [],
				}
			: await pullWeights({
					name: pull,
					folder: path.join(sources.dataDir, 'downloads'),
					fetch: proxyFetch(sources.proxies),
					hubUrl: sources.hubUrl,
					kerasUrl: sources.kerasUrl,
					token: sources.hubToken,
					onProgress: progress('download'),
				});
	const scratch = path.join(sources.dataDir, 'imports');
	await mkdir(scratch, { recursive: true });
	await removeAbandoned(scratch);
	const to = path.join(scratch, `${newId()}.safetensors`);
	const imported = await importWeights({
		from: found.from,
		architecture: architecture ?? found.architecture,
		...{ to, scratch, ignore, onProgress: progress('import') },
	});
	try {
		const tokenizer = await keepTokenizer(found.from, imported.architecture, `${to}.tokenizer.json`);
		tell({
			kind: 'imported',
			...imported,
			file: to,
			tokenizer,
			source: found.source,
			licence: found.licence,
			pulled: found.files,
		});
	} catch (error) {
		await rm(to, { force: true });
		throw error;
	}
}

/** Longer than any import takes: what is older was left behind by a process that was killed. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

async function removeAbandoned(scratch: string): Promise<void> {
	for (const name of await readdir(scratch)) {
		const left = path.join(scratch, name);
		const found = await stat(left).catch(() => null);
		if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS)
			await rm(left, { recursive: true, force: true });
	}
}

/** The tokenizer beside a text's weights, as one tokenizer.json; null where there is none. */
async function keepTokenizer(from: string, architecture: string, to: string): Promise<string | null> {
	if (findArchitecture(architecture)?.modality !== 'TEXT') return null;
	const folder = (await stat(from)).isDirectory() ? from : path.dirname(from);
	const names = await readdir(folder);
	if (!['tokenizer.json', 'vocab.txt', 'merges.txt'].some((name) => names.includes(name))) return null;
	await writeFile(to, await readTokenizerFiles(folder));
	return to;
}

function parse(text: string): z.infer<typeof request> {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (cause) {
		throw new GraftError('CONFIGURATION', `--json is no JSON text: ${text.slice(0, 80)}`, {}, { cause });
	}
	const parsed = request.safeParse(json);
	if (parsed.success && (parsed.data.file === undefined) !== (parsed.data.pull === undefined)) return parsed.data;
	const wrong = parsed.error?.issues.map(({ path: at, message }) => `${at.join('.') || '(all)'}: ${message}`) ?? [];
	throw new GraftError('CONFIGURATION', `--json does not say what to import ({file} or {pull}): ${wrong.join('; ')}`);
}

/** Lines of progress that a reader can keep up with, and always the last one. */
function everySoOften(report: (done: number, total: number) => void): (done: number, total: number) => void {
	let last = 0;
	return (done, total) => {
		const now = Date.now();
		if (done < total && now - last < 100) return;
		last = now;
		report(done, total);
	};
}
