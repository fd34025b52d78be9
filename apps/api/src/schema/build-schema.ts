import 'reflect-metadata';
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { ArtifactResolver } from '../artifact/artifact.resolver.js';
import { BackboneResolver } from '../backbone/backbone.resolver.js';
import { ComparisonGroupResolver } from '../comparison/comparison-group.resolver.js';
import { DatasetResolver } from '../dataset/dataset.resolver.js';
import { ExperimentResolver } from '../experiment/experiment.resolver.js';
import { FreezePlanResolver } from '../freeze-plan/freeze-plan.resolver.js';
import { LeaseResolver } from '../lease/lease.resolver.js';
import { LogResolver } from '../log/log.resolver.js';
import { MetricResolver } from '../metric/metric.resolver.js';
import {
	LiveSeriesResolver,
	MetricBandResolver,
	MetricFrameResolver,
	MetricSeriesResolver,
} from '../metric/points.resolver.js';
import { AttemptResolver } from '../run/attempt.resolver.js';
import { RunResolver } from '../run/run.resolver.js';
import { RunChangesResolver } from '../run/run-changes.resolver.js';
import { SweepResolver } from '../sweep/sweep.resolver.js';
import { WorkerResolver } from '../worker/worker.resolver.js';

/**
 * type-graphql asks for a pubSub as soon as there is a subscription. Ours pull from the engine instead: a pushing queue
 * either grows with a stalled reader or, past its limit, brings the process down.
 */
const noPubSub = {
	publish(): never {
		throw new Error('Subscriptions read from the engine; nothing is published.');
	},
	subscribe(): never {
		throw new Error('A subscription needs its own `subscribe` option.');
	},
};

/** Needs no database: resolvers find the engine in their context. */
export function buildGraftSchema(): GraphQLSchema {
	return buildSchemaSync({
		resolvers: [
			ArtifactResolver,
			AttemptResolver,
			BackboneResolver,
			ComparisonGroupResolver,
			DatasetResolver,
			ExperimentResolver,
			FreezePlanResolver,
			LeaseResolver,
			LogResolver,
			MetricBandResolver,
			MetricFrameResolver,
			LiveSeriesResolver,
			MetricResolver,
			MetricSeriesResolver,
			RunChangesResolver,
			RunResolver,
			SweepResolver,
			WorkerResolver,
		],
		validate: false,
		pubSub: noPubSub,
	});
}

/** The text that is committed as packages/client/schema.graphql. */
export const printSortedSchema = (schema: GraphQLSchema): string => `${printSchema(lexicographicSortSchema(schema))}\n`;
