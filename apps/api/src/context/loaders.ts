import type { Engine } from '@graft/engine';
import { artifactsLoader } from '../artifact/artifact.loader.js';
import { backboneLoader } from '../backbone/backbone.loader.js';
import { datasetLoader } from '../dataset/dataset.loader.js';
import { experimentLoader, statusCountsLoader } from '../experiment/experiment.loader.js';
import { metricKeysLoader, summaryLoader } from '../metric/metric.loader.js';
import { attemptsLoader, runLoader } from '../run/run.loader.js';
import { sweepLoader, sweepsLoader } from '../sweep/sweep.loader.js';
import { currentRunsLoader, workerLoader } from '../worker/worker.loader.js';

const makers = {
	backbone: backboneLoader,
	dataset: datasetLoader,
	experiment: experimentLoader,
	statusCounts: statusCountsLoader,
	run: runLoader,
	attempts: attemptsLoader,
	artifacts: artifactsLoader,
	sweep: sweepLoader,
	sweeps: sweepsLoader,
	worker: workerLoader,
	currentRuns: currentRunsLoader,
	metricKeys: metricKeysLoader,
	summary: summaryLoader,
};

export type Loaders = { readonly [Name in keyof typeof makers]: ReturnType<(typeof makers)[Name]> };

/** Each loader is made when it is first used: most frames of a stream need none. */
export function createLoaders(engine: Engine): Loaders {
	const loaders = {};
	for (const [name, make] of Object.entries(makers)) {
		Object.defineProperty(loaders, name, {
			configurable: true,
			get() {
				const value = make(engine);
				Object.defineProperty(loaders, name, { value });
				return value;
			},
		});
	}
	return loaders as Loaders;
}
