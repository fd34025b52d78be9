export { countParts, DIGEST, type PartRange, partRange, UPLOAD_PART_BYTES } from './upload-parts.js';

/**
 * Kind of a checkpoint that an interrupted run goes on from. A run keeps the newest two, the second for when the first is
 * broken, until it has succeeded.
 */
export const RESUME_KIND = 'resume';
export const RESUME_CHECKPOINTS_KEPT = 2;

/** Kind of the weights of a step: every tensor of backbone and head, as safetensors. */
export const CHECKPOINT_KIND = 'checkpoint';

/** A file that a run produced. The bytes are stored once by their digest. */
export interface Artifact {
	readonly id: string;
	readonly runId: string;
	readonly attempt: number;
	readonly name: string;
	/** CHECKPOINT_KIND, RESUME_KIND, or free text. */
	readonly kind: string;
	readonly bytes: number;
	/** sha256 in hex. */
	readonly digest: string;
	readonly step: number | null;
	readonly createdAt: Date;
}
