import { createHash } from 'node:crypto';
import { GraftError } from '@graft/domain/error';
import { BeginArtifactDocument, BeginUploadDocument, CommitArtifactDocument, type LeaseInput } from '../gql/index.js';
import type { GraftClient } from '../transport/client.js';
import { causeText, unavailable } from '../transport/failure.js';

/** A checkpoint of a large backbone takes a while; a stalled transfer should not take for ever. */
const TRANSFER_TIMEOUT_MS = 10 * 60_000;

export interface ArtifactFile {
	readonly name: string;
	readonly kind: string;
	readonly bytes: Uint8Array;
	readonly step: number | null;
}

/**
 * Stores a file of a run: announce, send the bytes unless the store has them, commit. Safe to repeat as a whole.
 * @throws GraftError LEASE_LOST, UNAVAILABLE, or DATA for what the API refuses.
 */
export async function uploadArtifact(
	client: GraftClient,
	lease: LeaseInput,
	file: ArtifactFile,
	signal?: AbortSignal,
): Promise<{ readonly digest: string }> {
	const digest = sha256(file.bytes);
	const input = { lease, name: file.name, kind: file.kind, bytes: file.bytes.length, digest, step: file.step };
	const { beginArtifact: begun } = await client.request(BeginArtifactDocument, { input }, { signal });
	if (begun.__typename !== 'ArtifactBegun') throw refusal(begun);
	if (begun.uploadUrl !== null) await put(new URL(begun.uploadUrl, `${client.url}/`), file.bytes, signal);
	const { commitArtifact: committed } = await client.request(CommitArtifactDocument, { input }, { signal });
	// The store gave up bytes that lay there uncommitted for long: announced again, they are uploaded again.
	if ('code' in committed && committed.code === 'NOT_UPLOADED') throw unavailable(client.url, committed.message);
	if (committed.__typename !== 'ArtifactCommitted') throw refusal(committed);
	return { digest };
}

/**
 * Stores bytes that belong to no run, such as a backbone's weights, and answers the digest by which they are named.
 * Safe to repeat. @throws GraftError UNAVAILABLE, or DATA for what the API refuses.
 */
export async function uploadFile(client: GraftClient, bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
	const digest = sha256(bytes);
	const input = { digest, bytes: bytes.length };
	const { beginUpload: begun } = await client.request(BeginUploadDocument, { input }, { signal });
	if (begun.__typename !== 'UploadBegun') throw refusal(begun);
	if (begun.uploadUrl !== null) await put(new URL(begun.uploadUrl, `${client.url}/`), bytes, signal);
	return digest;
}

/** A file on disk whose digest is known; its bytes are asked for as they are sent. */
export interface StoredFile {
	readonly digest: string;
	readonly bytes: number;
	readonly read: () => AsyncIterable<Uint8Array>;
}

/** As `uploadFile`, of a file that need not fit into memory. */
export async function uploadStoredFile(client: GraftClient, file: StoredFile, signal?: AbortSignal): Promise<void> {
	const input = { digest: file.digest, bytes: file.bytes };
	const { beginUpload: begun } = await client.request(BeginUploadDocument, { input }, { signal });
	if (begun.__typename !== 'UploadBegun') throw refusal(begun);
	if (begun.uploadUrl === null) return;
	await put(new URL(begun.uploadUrl, `${client.url}/`), file.read(), signal, file.bytes);
}

/**
 * Bytes of an artifact by their digest.
 * @throws GraftError DATA where the API does not have them, or its bytes do not match the digest: asking again would bring
 * the same. UNAVAILABLE where it, or the way to it, fails; a transfer that was cut short is that, too.
 */
export async function downloadArtifact(client: GraftClient, digest: string, signal?: AbortSignal): Promise<Uint8Array> {
	const url = `${client.url}/artifacts/${digest}`;
	const { status, bytes } = await transfer(url, { method: 'GET' }, signal);
	if (status === 404) throw new GraftError('DATA', `The store of ${client.url} has no artifact ${digest}.`, { digest });
	if (status !== 200) throw unavailable(url, `status ${status}`);
	if (sha256(bytes) !== digest) {
		throw new GraftError('DATA', `The bytes of artifact ${digest} from ${client.url} do not match their digest.`, {
			digest,
		});
	}
	return bytes;
}

/** A body that comes piece by piece says its length, and that nobody answers before it is over. */
async function put(
	url: URL,
	body: Uint8Array | AsyncIterable<Uint8Array>,
	signal: AbortSignal | undefined,
	length?: number,
): Promise<void> {
	const type = { 'content-type': 'application/octet-stream' };
	const whole = length === undefined;
	const init = {
		method: 'PUT',
		// Node's fetch takes anything that can be iterated; the types are those of browsers.
		body: body as unknown as BodyInit,
		headers: whole ? type : { ...type, 'content-length': String(length) },
		...(whole ? {} : { duplex: 'half' }),
	};
	const { status, bytes } = await transfer(url, init, signal);
	if (status >= 200 && status < 300) return;
	const told = new TextDecoder().decode(bytes.subarray(0, 300));
	// 403: the address has expired; announced again, the file gets a new one.
	if (status >= 500 || status === 403) throw unavailable(url.href, `status ${status}: ${told}`);
	throw new GraftError('DATA', `The API did not take the file (status ${status}): ${told}`, { status });
}

async function transfer(url: string | URL, init: RequestInit, signal: AbortSignal | undefined) {
	const timeout = AbortSignal.timeout(TRANSFER_TIMEOUT_MS);
	try {
		const response = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
		return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		throw unavailable(String(url), causeText(error), error);
	}
}

function refusal(answer: { readonly reason: string } | { readonly message: string }): GraftError {
	if ('reason' in answer) return new GraftError('LEASE_LOST', `The lease is lost: ${answer.reason}`);
	return new GraftError('DATA', `The API did not take the file: ${answer.message}`);
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
