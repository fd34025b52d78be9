/** An image in main memory: rows from top to bottom, pixels from left to right, channels together. */
export interface Pixels {
	readonly width: number;
	readonly height: number;
	readonly channels: number;
	readonly values: Uint8Array | Float32Array;
}

/** A rectangle of whole pixels. */
export interface Box {
	readonly left: number;
	readonly top: number;
	readonly width: number;
	readonly height: number;
}

export const wholeOf = ({ width, height }: Pixels): Box => ({ left: 0, top: 0, width, height });
