import { ByteReader, ByteWriter } from './byte-stream.js';

/** So many points, in order of arrival, of one batch. */
export interface SequenceRun {
	readonly sequence: number;
	readonly count: number;
}

/** Null where all points are of one batch, which the row names itself. */
export function encodeSequences(runs: readonly SequenceRun[]): Buffer | null {
	if (runs.length === 1) return null;
	const out = new ByteWriter();
	let previous = 0;
	for (const { sequence, count } of runs) {
		out.varint(sequence - previous);
		out.varint(count);
		previous = sequence;
	}
	return out.finish();
}

export interface StoredSequences {
	readonly sequences: Buffer | null;
	readonly lastSequence: number;
	readonly count: number;
}

export function decodeSequences({ sequences, lastSequence, count }: StoredSequences): SequenceRun[] {
	if (sequences === null) return [{ sequence: lastSequence, count }];
	const from = new ByteReader(sequences);
	const runs: SequenceRun[] = [];
	let sequence = 0;
	while (!from.done) {
		sequence += from.varint();
		runs.push({ sequence, count: from.varint() });
	}
	return runs;
}
