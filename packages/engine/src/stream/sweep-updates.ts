import { findSweep, sweepVersion } from '@graft/database/sweep';
import type { Sweep } from '@graft/domain/sweep';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics } from '../context/topics.js';
import { decodeCursor, encodeCursor, isCount } from './cursor.js';
import { pull } from './pull.js';

/** A frame whenever the sweep or one of its trials has changed; the cursor is the version that was seen last. */
export function sweepUpdates(
	context: Context,
	{ sweepId, after }: { readonly sweepId: string; readonly after: string | null },
	signal: AbortSignal,
): AsyncIterableIterator<{ cursor: string; sweep: Sweep }> {
	const given = after === null ? null : decodeCursor('s', after);
	let seen = isCount(given) ? given : null;
	return pull(context.hub, isId(sweepId) ? [topics.sweep(sweepId)] : [], signal, async function* () {
		// The version first: what changes between the two reads is told again rather than never.
		const version = isId(sweepId) ? await sweepVersion(context.database, sweepId) : null;
		if (version === null || version === seen) return;
		const sweep = await findSweep(context.database, sweepId);
		seen = version;
		if (sweep !== null) yield { cursor: encodeCursor('s', version), sweep };
	});
}
