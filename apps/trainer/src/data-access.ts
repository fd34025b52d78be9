import path from 'node:path';
import { defaultThreads } from '@graft/training/pipeline';
import type { TrainerEnv } from './env.js';

/** What reading data may use of this machine: a folder for what was fetched and worked out, and threads. */
export const dataAccess = ({ dataDir, dataCacheBytes, dataThreads }: TrainerEnv) => ({
	cacheDir: path.join(dataDir, 'cache', 'datasets'),
	cacheBytes: dataCacheBytes,
	threads: dataThreads ?? defaultThreads(),
});
