import path from 'node:path';
import type { GraftClient } from '@graft/client/node';
import { openFeatureCache } from '@graft/training/feature-cache';
import { localCheckpoints } from '../checkpoint/local-checkpoints.js';
import { dataAccess } from '../data-access.js';
import type { TrainerEnv } from '../env.js';
import type { Workplace } from './seat.js';

/** Where a trainer keeps what its runs share. Processes may share it: what is stored is there whole or not at all. */
export function openWorkplace(
	env: TrainerEnv,
	backend: string,
	{ client, shutdown }: { readonly client: GraftClient; readonly shutdown: AbortSignal },
): Workplace {
	const folder = (name: string) => path.join(env.dataDir, 'cache', name);
	return {
		client,
		shutdown,
		cacheDir: folder('weights'),
		featureCache:
			env.cacheBytes === 0 ? null : openFeatureCache({ folder: folder('features'), maxBytes: env.cacheBytes, backend }),
		checkpoints: { files: localCheckpoints(folder('checkpoints')), pace: env.checkpointPace },
		dataAccess: dataAccess(env),
	};
}
