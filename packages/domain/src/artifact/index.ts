/** A file that a run produced. The bytes are stored once by their digest. */
export interface Artifact {
	readonly id: string;
	readonly runId: string;
	readonly attempt: number;
	readonly name: string;
	/** `checkpoint` (every tensor of backbone and head, safetensors), or free text. */
	readonly kind: string;
	readonly bytes: number;
	/** sha256 in hex. */
	readonly digest: string;
	readonly step: number | null;
	readonly createdAt: Date;
}
