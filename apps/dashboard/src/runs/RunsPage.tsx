'use client';

import { RUN_STATUSES } from '@graft/domain/run';
import { useMemo } from 'react';
import { useGraftQuery } from '../connection/use-graft-query';
import { Button } from '../design/Button';
import { MetricField, Select } from '../design/Choice';
import { PageHead } from '../design/PageHead';
import { Empty, Failed, SkeletonRows } from '../design/State';
import { STATUS_WORDS } from '../design/StatusMark';
import { count } from '../format/numbers';
import { ExperimentMetricsDocument } from '../gql/graphql';
import { useUrlState } from '../url/use-url-state';
import { BulkActions } from './RunActions';
import styles from './RunsPage.module.css';
import { RunsTable } from './RunsTable';
import { useStatusFilter } from './StatusFilter';
import { configPaths, SERVER_SORT_KEYS } from './server-order';
import { COUNTED, useRunPages } from './use-run-pages';
import { WhereFilter } from './WhereFilter';

const NEWEST = '-queued';
/** Stands where a status does. */
const TRASH = 'trash';

/** Every run of every experiment, filtered and ordered by the API, so that their number does not matter. */
export function RunsPage() {
	const metrics = useGraftQuery('experiment-metrics', ExperimentMetricsDocument, { first: 50 });
	const [chosen, setMetric] = useUrlState('metric', '');
	const [statusText, setStatus] = useUrlState('status', '');
	const inTrash = statusText === TRASH;
	const [where, setWhere] = useUrlState('where', '');
	const [sort, setSort] = useUrlState('sort', NEWEST);
	const status = useStatusFilter();
	const deciding = [...new Set(metrics.data?.experiments.nodes.map((experiment) => experiment.metric))];
	const metric = chosen || deciding[0] || 'test_accuracy';
	const query = useRunPages({ metric, status, where, sort, inTrash }, metrics.isSuccess);
	const pages = query.data?.pages;
	const shown = useMemo(() => pages?.flatMap(({ runs }) => runs.nodes) ?? [], [pages]);
	const counted = pages?.[0]?.runs;
	const total = Math.max(shown.length, Math.min(counted?.totalCount ?? 0, COUNTED));
	// The API searches as far as a page may take, and says so.
	const searching = pages?.at(-1)?.runs.isPartial ?? false;
	const filtered = status !== null || where !== '' || inTrash;
	const keys = [...new Set([metric, ...shown.flatMap((run) => run.metricKeys)])].sort();
	const config = configPaths(shown.map((run) => run.config));
	const ordered = sort.replace(/^-/, '');
	const orders = [...new Set(['queued', 'result', ...config, ordered])];
	const failure = metrics.error ?? query.error;
	return (
		<>
			<PageHead title="Runs" lead="Every run of every experiment." />
			<div className={styles.tools}>
				<Select
					label="Status"
					value={inTrash ? TRASH : (status?.toLowerCase() ?? '')}
					onChange={setStatus}
					options={[
						{ value: '', label: 'All' },
						...RUN_STATUSES.map((one) => ({ value: one.toLowerCase(), label: STATUS_WORDS[one] })),
						{ value: TRASH, label: 'In the trash' },
					]}
				/>
				<MetricField label="Result" names={keys} value={metric} onChange={setMetric} />
				<Select
					label="Order"
					value={ordered}
					onChange={(by) => setSort(by === 'queued' || by === 'result' ? `-${by}` : by)}
					options={orders.map((by) => ({ value: by, label: WORDS[by] ?? by }))}
				/>
				<span className={styles.end}>
					{/* Of everything there is, nothing is deleted by two presses. */}
					<BulkActions runs={shown} offer={filtered ? ['retry', 'cancel', 'delete', 'restore'] : undefined} />
				</span>
			</div>
			<WhereFilter value={where} onChange={setWhere} />
			{failure ? (
				<Failed error={failure} onRetry={() => void query.refetch()} />
			) : !pages ? (
				<SkeletonRows rows={14} height={36} />
			) : shown.length === 0 && !filtered ? (
				<Empty title="No runs yet" graft="demo">
					A run trains one strategy with one seed. The demo launches 25 of them on handwritten digits and takes about a
					minute and a half.
				</Empty>
			) : (
				<RunsTable
					runs={shown}
					searching={searching}
					metric={metric}
					usual={NEWEST}
					withExperiment
					filtered={filtered}
					ordered={SERVER_SORT_KEYS}
				/>
			)}
			{pages && (shown.length > 0 || searching) ? (
				<p className={styles.more}>
					{shown.length === 0
						? 'The search has not come to the end of the list. '
						: `${count(shown.length)} of ${count(total)}${counted?.totalCountIsLeast ? '+' : ''} runs. `}
					{query.hasNextPage ? (
						<Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
							{searching ? 'Search further' : 'Show more'}
						</Button>
					) : null}
				</p>
			) : null}
		</>
	);
}

const WORDS: Readonly<Record<string, string>> = {
	queued: 'queued at',
	result: 'result',
	name: 'run',
	status: 'status',
};
