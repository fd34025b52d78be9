import type { ChangePosition } from '@graft/database/run';
import { isId } from '../context/storable.js';
import { decodeCursor, encodeCursor, isCount } from './cursor.js';

type Entry = ChangePosition['delivered'][number];

export const encodeChangeCursor = ({ floor, delivered }: ChangePosition): string =>
	encodeCursor('c', [floor, delivered.map(({ xid, upTo }) => (upTo === null ? [xid] : [xid, upTo]))]);

/** Null where it is no such cursor. */
export function decodeChangeCursor(cursor: string): ChangePosition | null {
	const value = decodeCursor('c', cursor);
	if (!Array.isArray(value) || !isCount(value[0]) || !Array.isArray(value[1])) return null;
	const delivered = value[1].map(toEntry);
	return delivered.some((entry) => entry === null) ? null : { floor: value[0], delivered: delivered as Entry[] };
}

function toEntry(value: unknown): Entry | null {
	if (!Array.isArray(value) || !isCount(value[0])) return null;
	const upTo: unknown = value[1] ?? null;
	if (upTo !== null && (typeof upTo !== 'string' || !isId(upTo))) return null;
	return { xid: value[0], upTo };
}
