import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import { unreachable } from './unreachable.js';

/** What the bytes of a file must give: a plain hash, or git's, which counts the length first. */
export interface Checksum {
	readonly kind: 'sha256' | 'md5' | 'git-sha1';
	readonly value: string;
}

export interface Download {
	readonly url: string;
	readonly to: string;
	/** Null where nobody publishes one. */
	readonly checksum: Checksum | null;
	/** Null where the length is not known before. */
	readonly bytes: number | null;
	readonly fetch: typeof fetch;
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress: (doneBytes: number, totalBytes: number) => void;
	/** Milliseconds to wait before try number n. */
	readonly wait?: (attempt: number) => number;
}

const TRIES = 6;

/**
 * Brings a file here, and goes on where an earlier try, also of an earlier process, was cut off. A file that is there with
 * the right checksum is not fetched again. Answers its sha256.
 * @throws GraftError UNAVAILABLE where the host does not answer, DATA where it has no such file or other bytes.
 */
export async function downloadFile(download: Download): Promise<string> {
	const { to, checksum, url } = download;
	if (await isThere(download)) return hashFile(to, 'sha256');
	await mkdir(path.dirname(to), { recursive: true });
	const part = `${to}.part`;
	for (let tries = 0; ; tries++) {
		const resumed = await fetchRest(download, part);
		if (checksum === null || (await hashFile(part, checksum.kind)) === checksum.value) break;
		await rm(part);
		// What an earlier try left may have been of another file: once more, from the start.
		if (resumed && tries === 0) continue;
		throw new GraftError('DATA', `What ${url} sent does not have the ${checksum.kind} ${checksum.value}.`, { url });
	}
	await rename(part, to);
	return hashFile(to, 'sha256');
}

async function isThere({ to, checksum }: Download): Promise<boolean> {
	if (checksum === null) return false;
	const there = await stat(to).catch(() => null);
	return there !== null && (await hashFile(to, checksum.kind)) === checksum.value;
}

/** Appends what is missing, over as many connections as it takes. Answers whether an earlier try had left something. */
async function fetchRest(download: Download, part: string): Promise<boolean> {
	const { wait = (attempt) => backoffMs(attempt, { baseMs: 500 }), signal } = download;
	const handle = await open(part, 'a+');
	try {
		const { size: before } = await handle.stat();
		for (let attempt = 0; ; attempt++) {
			try {
				await fetchOnce(download, handle);
				return before > 0;
			} catch (error) {
				if (signal?.aborted) throw signal.reason;
				if (error instanceof GraftError && error.code !== 'UNAVAILABLE') throw error;
				if (attempt + 1 >= TRIES) throw unreachable(download.url, error);
				await sleep(wait(attempt), signal);
			}
		}
	} finally {
		await handle.close();
	}
}

async function fetchOnce(download: Download, handle: FileHandle): Promise<void> {
	const { url, bytes, headers = {}, signal, onProgress } = download;
	let { size: done } = await handle.stat();
	if (bytes !== null && done === bytes) return;
	const range: Record<string, string> = done > 0 ? { range: `bytes=${done}-` } : {};
	const response = await download.fetch(url, { headers: { ...headers, ...range }, ...(signal && { signal }) });
	if (response.status === 416 && done > 0) {
		await handle.truncate(0);
		throw new GraftError('UNAVAILABLE', 'What an earlier try left is longer than the file.');
	}
	if (!response.ok || response.body === null) throw refused(url, response.status);
	// A host that knows no ranges sends everything again.
	if (response.status !== 206 && done > 0) {
		await handle.truncate(0);
		done = 0;
	}
	const announced = Number(response.headers.get('content-length') ?? Number.NaN);
	const total = bytes ?? (Number.isFinite(announced) ? done + announced : null);
	for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
		if (total !== null && done + chunk.length > total) {
			throw new GraftError('DATA', `${url} sends more than the ${total} bytes that it announced.`, { url });
		}
		for (let at = 0; at < chunk.length; at += (await handle.write(chunk, at, chunk.length - at)).bytesWritten);
		done += chunk.length;
		onProgress(done, total ?? done);
	}
	if (total !== null && done < total) throw new GraftError('UNAVAILABLE', `The connection ended at byte ${done}.`);
}

function refused(url: string, status: number): GraftError {
	if (status === 404) return new GraftError('DATA', `${url} is not there (status 404).`, { url, status });
	if (status === 401 || status === 403) {
		const what = `${url} is not given to everyone (status ${status}): set HF_TOKEN to a token that may read it.`;
		return new GraftError('DATA', what, { url, status });
	}
	return new GraftError('UNAVAILABLE', `${url} answered status ${status}.`, { url, status });
}

async function hashFile(file: string, kind: Checksum['kind']): Promise<string> {
	const hash = createHash(kind === 'git-sha1' ? 'sha1' : kind);
	if (kind === 'git-sha1') hash.update(`blob ${(await stat(file)).size}\0`);
	for await (const chunk of createReadStream(file)) hash.update(chunk);
	return hash.digest('hex');
}
