import { dropOrphanBlobs } from '@graft/database/artifact';
import { mayRemoveFiles } from '@graft/database/backup';
import type { Context } from '../context/context.js';

/**
 * Removes the bytes of files that were dropped, unless something else refers to them. They go while their rows are locked,
 * so that a commit of the same bytes waits, and then finds that they are gone. Called after the drop's own transaction:
 * bytes that stay behind cost some space, and nobody's commit or finish should fail for them.
 */
export async function forgetFiles(
	{ database, artifactStore, logger }: Context,
	digests: readonly string[],
): Promise<void> {
	if (digests.length === 0) return;
	try {
		await database.transaction(async (session) => {
			// A backup is copying files: housekeeping finds these later.
			if (!(await mayRemoveFiles(session))) return;
			for (const digest of await dropOrphanBlobs(session, digests)) await artifactStore.remove(digest);
		});
	} catch (error) {
		logger.warn({ err: error, digests }, 'the bytes of dropped files could not be removed');
	}
}
