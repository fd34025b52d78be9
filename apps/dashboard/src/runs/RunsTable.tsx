'use client';

import { thawShare } from '@graft/domain/thaw';
import Link from 'next/link';
import { memo, useMemo } from 'react';
import { Empty } from '../design/State';
import { StatusMark } from '../design/StatusMark';
import table from '../design/table.module.css';
import { plain } from '../format/numbers';
import { duration } from '../format/time';
import { StrategyName } from '../thaw/Thaw';
import { useUrlState } from '../url/use-url-state';
import type { RunRow } from './merge-runs';
import { RunActions } from './RunActions';
import styles from './RunsTable.module.css';
import { formatSort, parseSort, runSeconds, type SortKey, sortRuns } from './sort-runs';
import { useWindowedRows } from './use-windowed-rows';

const ROW_HEIGHT = 36;

interface Column {
	readonly key: SortKey | 'progress' | 'experiment' | 'actions';
	readonly title: string;
	readonly width: string;
	readonly className?: string;
}

/** All runs of a list. Only the rows in sight are in the page; sort order stands in the URL. */
export function RunsTable(props: {
	readonly runs: readonly RunRow[];
	readonly metric: string;
	readonly withExperiment?: boolean;
	readonly filtered: boolean;
	/** There may be others behind these, which nobody has looked at yet. */
	readonly searching?: boolean;
	/** Order without a choice. One that status does not enter, so that rows stay where they are while runs go on. */
	readonly usual: '-queued' | 'queued';
	/** The runs stand in their order already, which can be chosen by these columns; without it the table sorts. */
	readonly ordered?: readonly SortKey[];
}) {
	const [sortText, setSort] = useUrlState('sort', props.usual);
	const sort = props.ordered && /^-?(config|metric)\./.test(sortText) ? null : parseSort(sortText);
	const rows = useMemo(
		() => (props.ordered ? props.runs : sortRuns(props.runs, parseSort(sortText))),
		[props.runs, props.ordered, sortText],
	);
	const { body, first, last } = useWindowedRows<HTMLTableSectionElement>(rows.length, ROW_HEIGHT);
	const columns: readonly Column[] = [
		{ key: 'status', title: 'Status', width: '98px' },
		{ key: 'name', title: 'Run', width: 'auto' },
		...(props.withExperiment
			? [{ key: 'experiment', title: 'Experiment', width: '14%', className: table.wide } as const]
			: []),
		{ key: 'strategy', title: 'Strategy', width: props.withExperiment ? '16%' : '21%', className: table.wide },
		{ key: 'seed', title: 'Seed', width: '64px', className: `${table.right} ${table.wide}` },
		{
			key: 'progress',
			title: 'Progress',
			width: '132px',
			className: `${styles.pad} ${table.wide} ${props.withExperiment ? styles.spare : ''}`,
		},
		{ key: 'result', title: props.metric, width: '108px', className: table.right },
		{ key: 'seconds', title: 'Time', width: '92px', className: `${table.right} ${table.wide}` },
		{ key: 'actions', title: 'Actions', width: '76px', className: table.wide },
	];
	if (rows.length === 0 && props.searching)
		return (
			<Empty title="No run so far passes the filter">Of those that were searched, in the order of the list.</Empty>
		);
	if (rows.length === 0) {
		return (
			<Empty title={props.filtered ? 'No run passes the filter' : 'No runs yet'}>
				{props.filtered ? 'Choose another one above.' : 'They appear here as soon as something is launched.'}
			</Empty>
		);
	}
	return (
		<div className={table.scroll}>
			<table className={`${table.table} ${table.fixed} ${styles.runs}`} aria-rowcount={rows.length + 1}>
				<colgroup>
					{columns.map(({ key, width, className }) => (
						<col key={key} style={{ width }} className={className} />
					))}
				</colgroup>
				<thead>
					<tr>
						{columns.map(({ key, title, className }) =>
							key === 'progress' ||
							key === 'experiment' ||
							key === 'actions' ||
							(props.ordered && !props.ordered.includes(key)) ? (
								<th key={key} scope="col" className={className}>
									{key === 'actions' ? <span className="visually-hidden">{title}</span> : title}
								</th>
							) : (
								<th
									key={key}
									scope="col"
									className={className}
									aria-sort={sort?.key === key ? (sort.descending ? 'descending' : 'ascending') : 'none'}
								>
									<button
										type="button"
										className={table.sort}
										onClick={() =>
											setSort(formatSort({ key, descending: sort?.key === key ? !sort.descending : key === 'result' }))
										}
									>
										{title}
										<span aria-hidden="true">{sort?.key === key ? (sort.descending ? ' ↓' : ' ↑') : ''}</span>
									</button>
								</th>
							),
						)}
					</tr>
				</thead>
				<tbody ref={body}>
					{first > 0 ? <tr style={{ height: first * ROW_HEIGHT }} /> : null}
					{rows.slice(first, last).map((run, at) => (
						<Row key={run.id} run={run} index={first + at + 2} withExperiment={props.withExperiment ?? false} />
					))}
					{last < rows.length ? <tr style={{ height: (rows.length - last) * ROW_HEIGHT }} /> : null}
				</tbody>
			</table>
		</div>
	);
}

const Row = memo(function Row(props: {
	readonly run: RunRow;
	readonly index: number;
	readonly withExperiment: boolean;
}) {
	const { run } = props;
	return (
		<tr data-testid="run-row" data-run={run.id} data-status={run.status} aria-rowindex={props.index}>
			<td>
				<StatusMark status={run.status} stopping={run.cancelRequested && run.status === 'RUNNING'} />
			</td>
			<td>
				<Link className={`${table.rowLink} ${styles.name}`} href={`/runs/${run.id}`} title={run.name} prefetch={false}>
					{run.name}
				</Link>
			</td>
			{props.withExperiment ? (
				<td className={`${table.clip} ${table.wide}`}>
					<Link href={`/experiments/${run.experiment.id}`} prefetch={false}>
						{run.experiment.name}
					</Link>
				</td>
			) : null}
			<td className={`${table.clip} ${table.wide}`}>
				{run.strategyLabel === null ? (
					<span className={table.quiet}>–</span>
				) : (
					<StrategyName label={run.strategyLabel} share={run.freezePlan ? thawShare(run.freezePlan) : null} />
				)}
			</td>
			<td className={`${table.right} ${table.wide}`}>{run.seed ?? '–'}</td>
			<td className={`${styles.pad} ${table.wide} ${props.withExperiment ? styles.spare : ''}`}>
				<RunProgress run={run} />
			</td>
			<td className={table.right}>
				{run.failure && !run.summary ? (
					<span className={styles.failed}>{run.failure.kind}</span>
				) : (
					plain(run.summary?.value)
				)}
			</td>
			<td className={`${table.right} ${table.wide}`}>{duration(runSeconds(run))}</td>
			<td className={table.wide}>
				<RunActions run={run} compact />
			</td>
		</tr>
	);
});

/** Epochs as a bar and in words. A run that ended before its first heartbeat told of no progress: its config knows. */
export function RunProgress({ run }: { readonly run: Pick<RunRow, 'status' | 'progress' | 'config'> }) {
	const planned = (run.config as { epochs?: unknown } | null)?.epochs;
	const epochs = run.progress?.epochs ?? (typeof planned === 'number' ? planned : null);
	const done = run.status === 'SUCCEEDED';
	const epoch = done ? epochs : (run.progress?.epoch ?? null);
	if (epochs === null || epochs === 0 || epoch === null) return <span className={table.quiet}>–</span>;
	return (
		<span className={styles.progress} data-status={run.status}>
			<span className={styles.track} aria-hidden="true">
				<span style={{ width: `${done ? 100 : Math.min(1, epoch / epochs) * 100}%` }} />
			</span>
			{epoch}/{epochs}
		</span>
	);
}
