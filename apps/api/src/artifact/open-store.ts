import path from 'node:path';
import { openLocalArtifactStore, openS3ArtifactStore, probeS3Store, type ServedArtifactStore } from '@graft/engine';
import type { ApiEnv } from '../env.js';

/** The store that the environment names. @throws GraftError in words for an operator where it cannot be used. */
export async function openStore({ dataDir, s3 }: ApiEnv): Promise<ServedArtifactStore> {
	const store =
		s3 === null
			? await openLocalArtifactStore({ directory: path.join(dataDir, 'artifacts') })
			: openS3ArtifactStore(s3);
	await store.check();
	return store;
}

/** For `graft doctor`: where artifacts lie, and who proves that they are what their names say. */
export async function describeStore(env: ApiEnv): Promise<{ readonly kind: string; readonly says: string }> {
	if (env.s3 === null) return { kind: 'direct', says: `this disk, ${path.join(env.dataDir, 'artifacts')}` };
	const { where, refusesOtherBytes, hashesCopies, listsParts } = await probeS3Store(env.s3);
	const proof = hashesCopies
		? 'it works out their sha256 itself'
		: 'it works out no sha256, so the API reads each file once before it is held';
	const door = refusesOtherBytes ? 'it refuses other bytes than were announced' : 'it takes any bytes at first';
	const parts = listsParts ? '' : '; it does not list what it has of an upload, so that large files cannot be sent';
	return { kind: 'remote', says: `${where}: ${door}; ${proof}${parts}` };
}

/** Trouble is looked at again sooner. */
const REMEMBERED_MS = { well: 30_000, trouble: 5_000 };

/** Why the store cannot be used now, in words; null: it can. Asked often, it looks every half minute. */
export function storeWatch(store: ServedArtifactStore, now = () => performance.now()): () => Promise<string | null> {
	let until = Number.NEGATIVE_INFINITY;
	let answer = Promise.resolve<string | null>(null);
	return () => {
		if (now() < until) return answer;
		until = now() + REMEMBERED_MS.well;
		answer = store.check().then(
			() => null,
			(error: unknown) => {
				until = now() + REMEMBERED_MS.trouble;
				return error instanceof Error ? error.message : String(error);
			},
		);
		return answer;
	};
}
