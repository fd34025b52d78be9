import { GraftError } from '@graft/domain/error';
import {
	BeginArtifactDocument,
	BeginUploadDocument,
	CommitArtifactDocument,
	FinishUploadDocument,
	type LeaseInput,
	type MissingPartFragment,
} from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { unavailable } from '../transport/failure.js';
import { REQUEST_TIMEOUT_MS } from '../transport/http.js';
import { bytesSource, type Described, describeFile, type FileSource, withFile } from './file-source.js';
import { sendParts } from './send-parts.js';

/**
 * Some stores read a file once more before they hold it, at this rate at the least. What is longer for a small file is no store that
 * reads, but a connection of which nobody has said that it is gone.
 */
const FINISH_BYTES_PER_MS = 8_000;

export interface ArtifactFile {
	readonly name: string;
	readonly kind: string;
	readonly bytes: Uint8Array;
	readonly step: number | null;
}

/**
 * Stores a file of a run: announce, send the parts that the store lacks, commit. Safe to repeat as a whole; what an earlier
 * try has sent, this process or another, is not sent again.
 * @throws GraftError LEASE_LOST, UNAVAILABLE, or DATA for what the API or the store refuses.
 */
export async function uploadArtifact(
	client: GraftClient,
	lease: LeaseInput,
	file: ArtifactFile,
	signal?: AbortSignal,
): Promise<{ readonly digest: string }> {
	const source = bytesSource(file.bytes);
	const { partDigests, ...content } = await describeFile(source, signal);
	const input = { lease, name: file.name, kind: file.kind, step: file.step, ...content };
	await send(client, { source, content, partDigests, signal }, async () => {
		const { beginArtifact } = await client.request(
			BeginArtifactDocument,
			{ input: { ...input, partDigests } },
			{ signal },
		);
		if (beginArtifact.__typename !== 'ArtifactBegun') throw refusal(beginArtifact);
		return beginArtifact.parts;
	});
	const { commitArtifact: committed } = await client.request(CommitArtifactDocument, { input }, { signal });
	// The store gave up bytes that lay there uncommitted for long: announced again, they are uploaded again.
	if ('code' in committed && committed.code === 'NOT_UPLOADED') throw unavailable(client.url, committed.message);
	if (committed.__typename !== 'ArtifactCommitted') throw refusal(committed);
	return { digest: content.digest };
}

/**
 * Stores bytes that belong to no run, such as a tokenizer, and answers the digest by which they are named.
 * Safe to repeat. @throws GraftError UNAVAILABLE, or DATA for what the API refuses.
 */
export async function uploadFile(client: GraftClient, bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
	const source = bytesSource(bytes);
	return sendFile(client, source, await describeFile(source, signal), { signal });
}

/**
 * As `uploadFile`, of a file on disk that need not fit into memory. `onSent` is told how many of its bytes the store has.
 * @throws GraftError DATA too where the file does not have the `digest` that it should have.
 */
export function uploadStoredFile(
	client: GraftClient,
	{ file, digest, onSent }: { file: string; digest: string; onSent?: (bytes: number) => void },
	signal?: AbortSignal,
): Promise<string> {
	return withFile(file, async (source) => {
		const described = await describeFile(source, signal);
		if (described.digest !== digest)
			throw new GraftError('DATA', `${file} has the sha256 ${described.digest} and should have ${digest}.`, { file });
		return sendFile(client, source, described, { signal, ...(onSent ? { onSent } : {}) });
	});
}

async function sendFile(
	client: GraftClient,
	source: FileSource,
	{ partDigests, ...content }: Described,
	options: Pick<Sending, 'signal' | 'onSent'>,
): Promise<string> {
	const { signal } = options;
	await send(client, { source, content, partDigests, ...options }, async () => {
		const { beginUpload } = await client.request(
			BeginUploadDocument,
			{ input: { ...content, partDigests } },
			{ signal },
		);
		if (beginUpload.__typename !== 'UploadBegun') throw refusal(beginUpload);
		return beginUpload.parts;
	});
	return content.digest;
}

interface Sending {
	readonly source: FileSource;
	readonly content: { readonly digest: string; readonly bytes: number };
	readonly partDigests: readonly string[] | null;
	readonly signal?: AbortSignal | undefined;
	readonly onSent?: (bytes: number) => void;
}

/** Sends what is missing, as `begin` tells it some parts at a time, and has the store check the whole. */
async function send(
	client: GraftClient,
	{ source, content, partDigests, signal, onSent }: Sending,
	begin: () => Promise<readonly MissingPartFragment[] | null>,
): Promise<void> {
	const sent = new Set<number>();
	let bytes = 0;
	for (;;) {
		const parts = await begin();
		if (parts === null) return;
		const again = parts.find(({ number }) => sent.has(number));
		if (again !== undefined) throw unavailable(client.url, `the store has not kept part ${again.number}`);
		// What lies before the first missing part was there already.
		if (sent.size === 0) bytes = parts[0]?.offset ?? content.bytes;
		const count = (more: number) => {
			bytes += more;
			onSent?.(bytes);
		};
		await sendParts(parts, { source, baseUrl: client.url, onSent: count }, signal);
		for (const { number } of parts) sent.add(number);
		if (parts.length === 0 || partDigests === null) break;
	}
	const options = { signal, timeoutMs: REQUEST_TIMEOUT_MS + content.bytes / FINISH_BYTES_PER_MS };
	const { finishUpload } = await client.request(FinishUploadDocument, { input: content }, options);
	if (finishUpload.__typename === 'UploadFinished') return;
	if (finishUpload.code === 'NOT_UPLOADED') throw unavailable(client.url, finishUpload.message);
	throw refusal(finishUpload);
}

function refusal(answer: { readonly reason: string } | { readonly message: string }): GraftError {
	if ('reason' in answer) return new GraftError('LEASE_LOST', `The lease is lost: ${answer.reason}`);
	return new GraftError('DATA', `The API did not take the file: ${answer.message}`);
}
