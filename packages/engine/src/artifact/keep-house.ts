import { findLeftBlobs, removeOrphans } from '@graft/database/artifact';
import { purgeExperiments } from '@graft/database/experiment';
import { purgeRuns } from '@graft/database/run';
import type { Context } from '../context/context.js';
import { topics } from '../context/topics.js';
import { forgetFiles } from './forget-files.js';

/** A transaction for each so many, so that nobody waits long for what it locks. */
const RUNS_PER_ROUND = 100;
const FILES_PER_ROUND = 500;

export interface Housework {
	readonly purgedRuns: number;
	readonly removedFiles: number;
}

/**
 * Gives up what nobody can ask for any more: runs that were deleted longer ago than they can be restored, with their
 * files, and bytes that were uploaded and never committed. Several API processes may do it at once.
 */
export async function keepHouse(context: Context): Promise<Housework> {
	const { database, artifactStore, settings, logger } = context;
	let purgedRuns = 0;
	for (let full = true; full; ) {
		const { ids, digests } = await database.transaction((session) =>
			purgeRuns(session, settings.trashSeconds, RUNS_PER_ROUND),
		);
		await forgetFiles(context, [...new Set(digests)]);
		context.announce(ids.map(topics.purged));
		purgedRuns += ids.length;
		full = ids.length === RUNS_PER_ROUND;
	}
	const purgedExperiments = await database.transaction((session) => purgeExperiments(session, settings.trashSeconds));
	await forgetFiles(context, await findLeftBlobs(database, settings.orphanSeconds));
	let removedFiles = await artifactStore.removeAbandonedUploads(settings.orphanSeconds);
	let digests: string[] = [];
	const collect = async () => {
		const batch = digests;
		digests = [];
		removedFiles += await database.transaction((session) => removeOrphans(session, batch, artifactStore.remove));
	};
	for await (const digest of artifactStore.storedLongerThan(settings.orphanSeconds)) {
		digests.push(digest);
		if (digests.length === FILES_PER_ROUND) await collect();
	}
	if (digests.length > 0) await collect();
	if (purgedRuns + purgedExperiments + removedFiles > 0)
		logger.info({ purgedRuns, purgedExperiments, removedFiles }, 'gave up what nobody can ask for');
	return { purgedRuns, removedFiles };
}
