'use client';

import { useMemo } from 'react';
import { useGraftQuery } from '../connection/use-graft-query';
import { Select } from '../design/Choice';
import { PageHead } from '../design/PageHead';
import { Empty, Failed, SkeletonRows } from '../design/State';
import { count } from '../format/numbers';
import { ExperimentMetricsDocument } from '../gql/graphql';
import { useUrlState } from '../url/use-url-state';
import { BulkActions } from './RunActions';
import styles from './RunsPage.module.css';
import { RunsTable } from './RunsTable';
import { StatusFilter, useStatusFilter } from './StatusFilter';
import { useRuns } from './use-runs';

/** Every run of every experiment, newest first. */
export function RunsPage() {
	const metrics = useGraftQuery('experiment-metrics', ExperimentMetricsDocument, { first: 50 });
	const [chosen, setMetric] = useUrlState('metric', '');
	const status = useStatusFilter();
	const deciding = [...new Set(metrics.data?.experiments.nodes.map((experiment) => experiment.metric))];
	const metric = chosen || deciding[0] || 'test_accuracy';
	const query = useRuns({ experimentId: null, metric }, { enabled: metrics.isSuccess });
	const list = query.data;
	const shown = useMemo(
		() => list?.runs.filter((run) => status === null || run.status === status) ?? [],
		[list, status],
	);
	const keys = useMemo(
		() => [...new Set([metric, ...(list?.runs.flatMap((run) => run.metricKeys) ?? [])])].sort(),
		[list, metric],
	);
	const failure = metrics.error ?? query.error;
	return (
		<>
			<PageHead title="Runs" lead="Every run of every experiment, newest first." />
			{list && list.totalCount > 0 ? (
				<div className={styles.tools}>
					<StatusFilter runs={list.runs} />
					<Select
						label="Result"
						value={metric}
						onChange={setMetric}
						options={keys.map((key) => ({ value: key, label: key }))}
					/>
					<span className={styles.end}>
						<BulkActions runs={shown} />
					</span>
				</div>
			) : (
				<div className={styles.tools} />
			)}
			{failure ? (
				<Failed error={failure} onRetry={() => void query.refetch()} />
			) : !list ? (
				<SkeletonRows rows={14} height={36} />
			) : list.totalCount === 0 ? (
				<Empty title="No runs yet" graft="demo">
					A run trains one strategy with one seed. The demo launches 25 of them on handwritten digits and takes about a
					minute and a half.
				</Empty>
			) : (
				<RunsTable runs={shown} metric={metric} usual="-queued" withExperiment filtered={status !== null} />
			)}
			{list && list.totalCount > list.runs.length ? (
				<p className={styles.more}>
					The newest {count(list.runs.length)} of {count(list.totalCount)} runs. Open an experiment to see all of its
					own.
				</p>
			) : null}
		</>
	);
}
