import { createHmac, timingSafeEqual } from 'node:crypto';
import { countParts, DIGEST, partRange } from '@graft/domain/artifact';
import type { ArtifactFile } from '../contract/artifact-store.js';
import type { Admitted, UploadRequest } from './artifact-store.js';

/** Long enough to begin an upload after its announcement; an upload that has begun may take as long as it needs. */
export const UPLOAD_TICKET_SECONDS = 600;

/**
 * The right to upload one file, or one part of it, as the path and query of its URL. It names size, digest and expiry, so
 * that it can neither be used for other bytes nor kept for later.
 */
export function signUpload(
	key: Buffer,
	file: ArtifactFile,
	part: { readonly number: number; readonly sha256: string } | null,
	now: Date,
): string {
	const expires = String(Math.floor(now.getTime() / 1000) + UPLOAD_TICKET_SECONDS);
	const number = part === null ? '' : String(part.number);
	const named = { digest: file.digest, bytes: String(file.bytes), part: number, sha256: part?.sha256 ?? '', expires };
	const query = new URLSearchParams({ bytes: named.bytes, expires });
	if (part !== null) query.set('sha256', part.sha256);
	query.set('signature', sign(key, named).toString('base64url'));
	return `/artifacts/${file.digest}${part === null ? '' : `/parts/${number}`}?${query}`;
}

/** What the ticket allows; null where it is forged, altered or too old. */
export function readUpload(key: Buffer, request: UploadRequest, now: Date): Admitted | null {
	const { digest, bytes, part, sha256, expires } = request;
	if (!DIGEST.test(digest) || !/^\d{1,16}$/.test(bytes) || !/^\d{1,12}$/.test(expires)) return null;
	const given = Buffer.from(request.signature, 'base64url');
	const expected = sign(key, request);
	if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
	if (Number(expires) * 1000 < now.getTime()) return null;
	const file = { digest, bytes: Number(bytes) };
	if (part === '' && sha256 === '') return { file, part: null };
	const number = Number(part);
	if (!(number >= 1 && number <= countParts(file.bytes))) return null;
	return { file, part: { ...partRange(file.bytes, number), sha256 } };
}

function sign(key: Buffer, { digest, bytes, part, sha256, expires }: Omit<UploadRequest, 'signature'>): Buffer {
	const whole = `PUT\n${digest}\n${bytes}\n${expires}`;
	return createHmac('sha256', key)
		.update(part === '' ? whole : `${whole}\n${part}\n${sha256}`)
		.digest();
}
