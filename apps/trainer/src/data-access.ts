import path from 'node:path';
import type { DatasetAccess } from '@graft/training/dataset';
import { proxyFetch } from '@graft/training/download';
import { defaultThreads } from '@graft/training/pipeline';
import type { TrainerEnv } from './env.js';

/** What reading data may use of this machine: a folder for what was fetched and worked out, threads, and the network. */
export const dataAccess = ({
	dataDir,
	dataCacheBytes,
	dataThreads,
	sources,
	s3,
}: TrainerEnv): Pick<DatasetAccess, 'cacheDir' | 'cacheBytes' | 'threads' | 'remote'> => ({
	cacheDir: path.join(dataDir, 'cache', 'datasets'),
	cacheBytes: dataCacheBytes,
	threads: dataThreads ?? defaultThreads(),
	remote: { ...s3, fetch: proxyFetch(sources.proxies) },
});
