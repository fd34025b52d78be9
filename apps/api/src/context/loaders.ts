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

class LazyLoaders {
	constructor(readonly engine: Engine) {}
}
for (const [name, make] of Object.entries(makers)) {
	Object.defineProperty(LazyLoaders.prototype, name, {
		get(this: LazyLoaders) {
			const value = make(this.engine);
			Object.defineProperty(this, name, { value });
			return value;
		},
	});
}

/** Each loader is made when it is first used: most requests and frames of a stream need none, and there are thousands a second. */
export const createLoaders = (engine: Engine): Loaders => new LazyLoaders(engine) as unknown as Loaders;
