/**
 * A file beyond this size goes to the store in parts of it, so that a cut costs one part. S3 takes 10,000 parts of 5 MiB at
 * least: the largest file (40 GiB) has 5,120 of these, and a sender that has four under way holds 32 MiB.
 */
export const UPLOAD_PART_BYTES = 8 * 2 ** 20;
/** A digest: sha256, 64 lower-case hexadecimal digits. */
export const DIGEST = /^[0-9a-f]{64}$/;

export interface PartRange {
	/** From 1. */
	readonly number: number;
	readonly offset: number;
	readonly bytes: number;
}

/** How many parts a file of so many bytes has; an empty file has one. */
export const countParts = (bytes: number): number => Math.max(1, Math.ceil(bytes / UPLOAD_PART_BYTES));

/** Where part `number` (from 1) of a file of `bytes` lies. */
export function partRange(bytes: number, number: number): PartRange {
	const offset = (number - 1) * UPLOAD_PART_BYTES;
	return { number, offset, bytes: Math.min(UPLOAD_PART_BYTES, bytes - offset) };
}
