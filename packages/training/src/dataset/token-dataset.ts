import { createHash } from 'node:crypto';
import { TOKEN_ROWS } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { type LoadedDataset, type MemoryExamples, SPLIT_NAMES, type SplitName } from './dataset-spec.js';

/** A text whose tokens are known, and its class. */
export interface TokenText {
	readonly ids: readonly number[];
	/** Which of two texts each token belongs to; without it all belong to the first. */
	readonly segments?: readonly number[];
	/** Index of the class. */
	readonly label: number;
}

/** Whole numbers that float32 holds exactly, as which ids are kept until they are looked up. */
const LARGEST_ID = 2 ** 24;

/**
 * Texts in memory as a data set: each is three rows of `length` numbers (ids, mask, segments), cut where it is longer and
 * padded with 0 where it is shorter. @throws GraftError DATA for an id or segment that is none.
 */
export function tokenDataset(
	texts: Readonly<Record<SplitName, readonly TokenText[]>>,
	{ classes, length }: { readonly classes: readonly string[]; readonly length: number },
): LoadedDataset & { readonly splits: Readonly<Record<SplitName, MemoryExamples>> } {
	const hash = createHash('sha256').update(JSON.stringify([classes, length]));
	const pack = (name: SplitName): MemoryExamples => {
		const inputs = new Float32Array(texts[name].length * TOKEN_ROWS * length);
		texts[name].forEach((text, index) => {
			const place = `text ${index + 1} of the ${name} split`;
			inputs.set(rowsOf(text, length, place), index * TOKEN_ROWS * length);
		});
		const labels = Int32Array.from(texts[name], ({ label }) => label);
		hash.update(new Uint8Array(inputs.buffer)).update(new Uint8Array(labels.buffer));
		return { count: labels.length, inputs, labels };
	};
	const [train, validation, test] = SPLIT_NAMES.map(pack) as [MemoryExamples, MemoryExamples, MemoryExamples];
	const splits = { train, validation, test };
	return { version: hash.digest('hex'), classes, inputShape: [TOKEN_ROWS, length], splits, attribution: null };
}

function rowsOf({ ids, segments = [] }: TokenText, length: number, place: string): Float32Array {
	if (ids.length === 0) throw new GraftError('DATA', `There is no token in ${place}.`);
	const rows = new Float32Array(TOKEN_ROWS * length);
	ids.slice(0, length).forEach((id, at) => {
		const segment = segments[at] ?? 0;
		for (const number of [id, segment]) {
			if (Number.isInteger(number) && number >= 0 && number < LARGEST_ID) continue;
			throw new GraftError('DATA', `Token ${at + 1} in ${place} has ${number} for an id or a segment.`);
		}
		rows[at] = id;
		rows[length + at] = 1;
		rows[2 * length + at] = segment;
	});
	return rows;
}
