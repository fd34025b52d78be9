import type { LiveSeries, MetricBucketSeries, MetricFrame } from '@graft/domain/metric';
import type { Run } from '@graft/domain/run';
import type { MetricBand } from '@graft/engine';
import { Arg, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApiContext } from '../context/api-context.js';
import { RunType } from '../run/run.type.js';
import { FloatList } from '../scalar/float-list.js';
import { IntList } from '../scalar/int-list.js';
import { packed as pack } from '../scalar/number-list.js';
import { LiveSeriesType, MetricBandType, MetricFrameType, MetricSeriesType } from './metric.type.js';

type Points = Float64Array | string;
const points = (values: Float64Array, packed: boolean | null): Points => (packed ? pack(values) : values);

const Packed = () => Arg('packed', () => Boolean, { nullable: true, defaultValue: false });

@Resolver(() => MetricSeriesType)
export class MetricSeriesResolver {
	@FieldResolver(() => RunType)
	run(@Root() { runId }: MetricBucketSeries, @Ctx() { loaders }: ApiContext): Promise<Run | null> {
		return loaders.run.load(runId);
	}

	@FieldResolver(() => FloatList, {
		description: 'Deterministic buckets that keep extremes. buckets <= the number asked for.',
	})
	steps(@Root() series: MetricBucketSeries, @Packed() packed: boolean | null): Points {
		return points(series.steps, packed);
	}

	@FieldResolver(() => FloatList)
	min(@Root() series: MetricBucketSeries, @Packed() packed: boolean | null): Points {
		return points(series.min, packed);
	}

	@FieldResolver(() => FloatList)
	max(@Root() series: MetricBucketSeries, @Packed() packed: boolean | null): Points {
		return points(series.max, packed);
	}

	@FieldResolver(() => FloatList)
	mean(@Root() series: MetricBucketSeries, @Packed() packed: boolean | null): Points {
		return points(series.mean, packed);
	}
}

@Resolver(() => MetricBandType)
export class MetricBandResolver {
	@FieldResolver(() => FloatList)
	x(@Root() band: MetricBand, @Packed() packed: boolean | null): Points {
		return points(band.x, packed);
	}

	@FieldResolver(() => FloatList)
	mean(@Root() band: MetricBand, @Packed() packed: boolean | null): Points {
		return points(band.mean, packed);
	}

	@FieldResolver(() => FloatList)
	sd(@Root() band: MetricBand, @Packed() packed: boolean | null): Points {
		return points(band.sd, packed);
	}

	@FieldResolver(() => FloatList)
	low(@Root() band: MetricBand, @Packed() packed: boolean | null): Points {
		return points(band.low, packed);
	}

	@FieldResolver(() => FloatList)
	high(@Root() band: MetricBand, @Packed() packed: boolean | null): Points {
		return points(band.high, packed);
	}
}

@Resolver(() => MetricFrameType)
export class MetricFrameResolver {
	@FieldResolver(() => IntList)
	steps(@Root() frame: MetricFrame, @Packed() packed: boolean | null): Points {
		return points(frame.steps, packed);
	}

	@FieldResolver(() => FloatList)
	values(@Root() frame: MetricFrame, @Packed() packed: boolean | null): Points {
		return points(frame.values, packed);
	}
}

@Resolver(() => LiveSeriesType)
export class LiveSeriesResolver {
	@FieldResolver(() => IntList)
	steps(@Root() series: LiveSeries, @Packed() packed: boolean | null): Points {
		return points(series.steps, packed);
	}

	@FieldResolver(() => FloatList)
	values(@Root() series: LiveSeries, @Packed() packed: boolean | null): Points {
		return points(series.values, packed);
	}
}
