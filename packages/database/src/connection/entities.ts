import { ArtifactEntity } from '../artifact/artifact.entity.js';
import { BlobEntity } from '../artifact/blob.entity.js';
import { AttemptEntity } from '../attempt/attempt.entity.js';
import { BackboneEntity } from '../backbone/backbone.entity.js';
import { DatasetEntity } from '../dataset/dataset.entity.js';
import { RunEventEntity } from '../event/run-event.entity.js';
import { ExperimentEntity } from '../experiment/experiment.entity.js';
import { LogChunkEntity } from '../log/log-chunk.entity.js';
import { MetricBatchEntity } from '../metric/metric-batch.entity.js';
import { MetricChunkEntity } from '../metric/metric-chunk.entity.js';
import { MetricSeriesEntity } from '../metric/metric-series.entity.js';
import { RunEntity } from '../run/run.entity.js';
import { RunMetricValueEntity, RunValueEntity } from '../run/run-value.entity.js';
import { SweepEntity } from '../sweep/sweep.entity.js';
import { WorkerEntity } from '../worker/worker.entity.js';

/** Every table. */
export const ENTITIES = [
	BackboneEntity,
	DatasetEntity,
	ExperimentEntity,
	SweepEntity,
	RunEntity,
	RunMetricValueEntity,
	RunValueEntity,
	AttemptEntity,
	WorkerEntity,
	MetricSeriesEntity,
	MetricBatchEntity,
	MetricChunkEntity,
	RunEventEntity,
	LogChunkEntity,
	BlobEntity,
	ArtifactEntity,
] as const;
