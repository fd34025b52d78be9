import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { HubApiError, type ListFileEntry, listFiles, modelInfo } from '@huggingface/hub';
import { type Checksum, downloadFile } from './download-file.js';
import { KERAS_FILES, KERAS_HOST } from './keras-files.js';
import { unreachable } from './unreachable.js';

export interface PullRequest {
	/** `owner/model`, with `@revision` where it is not the newest, of Hugging Face; or `keras/resnet50`. */
	readonly name: string;
	/** Files are kept below it; a pull that was cut off goes on there. */
	readonly folder: string;
	readonly fetch: typeof fetch;
	readonly hubUrl: string;
	readonly kerasUrl?: string;
	/** Of Hugging Face, for what is not given to everyone. */
	readonly token?: string | undefined;
	readonly signal?: AbortSignal;
	readonly onProgress: (doneBytes: number, totalBytes: number) => void;
	/** Milliseconds to wait before try number n. */
	readonly wait?: (attempt: number) => number;
}

export interface PulledWeights {
	/** The file or folder to import. */
	readonly from: string;
	/** Null: config.json says it. */
	readonly architecture: string | null;
	/** Where it came from, for good: with the commit where there is one. */
	readonly source: string;
	/** What the model's page says of its licence. */
	readonly licence: string | null;
	readonly files: readonly { readonly name: string; readonly bytes: number | null; readonly sha256: string }[];
}

/** What of a Hugging Face model is fetched, beside its weights. */
const BESIDES =
	/^(config|tokenizer|tokenizer_config|special_tokens_map|vocab)\.json$|^(vocab|merges)\.txt$|^README\.md$/;
const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
const NAME = /^([\w.-]+\/[\w.-]+?)(?:@([\w./-]+))?$/;

/** Fetches published weights. @throws GraftError UNAVAILABLE where the host cannot be reached, DATA for what it lacks. */
export async function pullWeights(request: PullRequest): Promise<PulledWeights> {
	if (request.name.startsWith('keras/')) return pullFromKeras(request, request.name.slice('keras/'.length));
	const [, name, revision = 'main'] = NAME.exec(request.name) ?? [];
	if (name === undefined) {
		const message = `${request.name} is no name of a model: give owner/model as on Hugging Face, or keras/NAME.`;
		throw new GraftError('CONFIGURATION', message);
	}
	return pullFromHub(request, name, revision);
}

async function pullFromKeras(request: PullRequest, architecture: string): Promise<PulledWeights> {
	const published = Object.hasOwn(KERAS_FILES, architecture) ? KERAS_FILES[architecture] : undefined;
	if (published === undefined) {
		const known = Object.keys(KERAS_FILES).join(', ');
		throw new GraftError('CONFIGURATION', `Keras' host has no weights of ${architecture}. It has: ${known}.`);
	}
	const url = `${request.kerasUrl ?? KERAS_HOST}/${published.path}`;
	const name = path.basename(published.path);
	const to = path.join(request.folder, 'keras', name);
	const sha256 = await downloadFile({ ...request, url, to, bytes: null, checksum: published.checksum });
	return { from: to, architecture, source: url, licence: null, files: [{ name, bytes: null, sha256 }] };
}

async function pullFromHub(request: PullRequest, name: string, revision: string): Promise<PulledWeights> {
	const { hubUrl, token, onProgress } = request;
	const access = { hubUrl, fetch: request.fetch, ...(token !== undefined && { accessToken: token }) };
	const { entries, commit, licence } = await ask(request, name, async () => {
		const { sha, cardData } = await modelInfo({ name, revision, additionalFields: ['sha', 'cardData'], ...access });
		const found: ListFileEntry[] = [];
		for await (const entry of listFiles({ repo: { type: 'model', name }, revision: sha, ...access })) found.push(entry);
		return { entries: found, commit: sha, licence: cardData?.license };
	});
	const wanted = wantedOf(entries, name);
	const folder = path.join(request.folder, ...name.split('/'), commit);
	await mkdir(folder, { recursive: true });
	const total = wanted.reduce((sum, { size }) => sum + size, 0);
	const files: { name: string; bytes: number; sha256: string }[] = [];
	let before = 0;
	for (const entry of wanted) {
		const sha256 = await downloadFile({
			...request,
			url: `${hubUrl}/${name}/resolve/${commit}/${entry.path}`,
			to: path.join(folder, entry.path),
			bytes: entry.size,
			checksum: checksumOf(entry),
			headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
			onProgress: (done) => onProgress(before + done, total),
		});
		before += entry.size;
		onProgress(before, total);
		files.push({ name: entry.path, bytes: entry.size, sha256 });
	}
	const source = `${hubUrl}/${name}/tree/${commit}`;
	return { from: folder, architecture: null, source, licence: typeof licence === 'string' ? licence : null, files };
}

/** The weights as safetensors, whole or in shards, and what belongs to them. */
function wantedOf(entries: readonly ListFileEntry[], name: string): ListFileEntry[] {
	const files = entries.filter(({ type }) => type === 'file');
	const whole = files.filter(({ path: file }) => file === 'model.safetensors');
	const shards = files.filter(({ path: file }) => SHARD.test(file) || file === 'model.safetensors.index.json');
	const weights = whole.length > 0 ? whole : shards;
	if (weights.length === 0) {
		throw new GraftError(
			'DATA',
			`${name} has no weights as safetensors; other formats may run programs and are not read.`,
		);
	}
	return [...files.filter(({ path: file }) => BESIDES.test(file)), ...weights];
}

const checksumOf = ({ lfs, oid }: ListFileEntry): Checksum | null => {
	if (lfs !== undefined) return { kind: 'sha256', value: lfs.oid };
	return oid === undefined ? null : { kind: 'git-sha1', value: oid };
};

/** What the hub answers, or why not in our own words. */
async function ask<T>({ hubUrl, signal }: PullRequest, name: string, question: () => Promise<T>): Promise<T> {
	try {
		return await question();
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		if (!(error instanceof HubApiError)) throw unreachable(hubUrl, error);
		const { statusCode: status } = error;
		if (status === 401 || status === 403 || status === 404) {
			const what = `${hubUrl} has no model ${name}, or does not give it to everyone (status ${status}).`;
			throw new GraftError('DATA', `${what} Check the name, or set HF_TOKEN to a token that may read it.`, { status });
		}
		throw new GraftError('UNAVAILABLE', `${hubUrl} answered status ${status}: ${error.message}`, { status });
	}
}
