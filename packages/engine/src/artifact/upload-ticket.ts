import { createHmac, timingSafeEqual } from 'node:crypto';
import { type ArtifactFile, isDigest, type UploadRequest } from './artifact-store.js';

/** Long enough to begin an upload after its announcement; an upload that has begun may take as long as it needs. */
export const UPLOAD_TICKET_SECONDS = 600;

/**
 * The right to upload one file, as the query of its URL. It names size, digest and expiry, so that it can neither be
 * used for other bytes nor kept for later.
 */
export function signUpload(key: Buffer, file: ArtifactFile, now: Date): string {
	const expires = Math.floor(now.getTime() / 1000) + UPLOAD_TICKET_SECONDS;
	const signature = sign(key, file.digest, String(file.bytes), String(expires)).toString('base64url');
	return `/artifacts/${file.digest}?bytes=${file.bytes}&expires=${expires}&signature=${signature}`;
}

/** The file that the ticket allows; null where it is forged, altered or too old. */
export function readUpload(key: Buffer, request: UploadRequest, now: Date): ArtifactFile | null {
	const { digest, bytes, expires } = request;
	if (!isDigest(digest) || !/^\d{1,16}$/.test(bytes) || !/^\d{1,12}$/.test(expires)) return null;
	const given = Buffer.from(request.signature, 'base64url');
	const expected = sign(key, digest, bytes, expires);
	if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
	return Number(expires) * 1000 >= now.getTime() ? { digest, bytes: Number(bytes) } : null;
}

function sign(key: Buffer, digest: string, bytes: string, expires: string): Buffer {
	return createHmac('sha256', key).update(`PUT\n${digest}\n${bytes}\n${expires}`).digest();
}
