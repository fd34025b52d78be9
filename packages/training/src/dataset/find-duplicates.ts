import { createHash } from 'node:crypto';
import type { DatasetStatistics } from '@graft/domain/dataset';
import { SPLIT_NAMES } from './dataset-spec.js';
import type { Positions } from './table/assign-splits.js';

/** Groups that are named; the rest is counted. */
const NAMED = 10;

/** Remembers what examples hold by a digest of it, and tells which hold the same. */
export function duplicateFinder() {
	const digests: string[] = [];
	const places: string[] = [];
	return {
		add: (content: string | Uint8Array, place: string): void => {
			digests.push(createHash('sha256').update(content).digest('base64').slice(0, 22));
			places.push(place);
		},
		find: (positions: Positions): DatasetStatistics['duplicates'] => {
			const splitOf = new Map(SPLIT_NAMES.flatMap((name) => positions[name].map((row) => [row, name] as const)));
			const groups = new Map<string, number[]>();
			digests.forEach((digest, row) => {
				if (!splitOf.has(row)) return;
				const group = groups.get(digest);
				if (group === undefined) groups.set(digest, [row]);
				else group.push(row);
			});
			let examples = 0;
			let acrossSplits = 0;
			const named: string[][] = [];
			for (const [first = 0, ...others] of groups.values()) {
				if (others.length === 0) continue;
				examples += others.length;
				acrossSplits += others.filter((row) => splitOf.get(row) !== splitOf.get(first)).length;
				if (named.length < NAMED) named.push([first, ...others].map((row) => places[row] ?? ''));
			}
			return { examples, acrossSplits, groups: named };
		},
	};
}
