'use client';

import Link from 'next/link';
import { useGraftQuery } from '../connection/use-graft-query';
import { useStream } from '../connection/use-stream';
import { useThrottled } from '../connection/use-throttled';
import { PageHead, Section } from '../design/PageHead';
import { Empty, Failed, Skeleton } from '../design/State';
import { TrashNote } from '../design/TrashNote';
import { FreezeStrip } from '../freeze-strip/FreezeStrip';
import { RunDocument, RunPageUpdatesDocument } from '../gql/graphql';
import { RunActions } from '../runs/RunActions';
import { Artifacts } from './Artifacts';
import { Attempts } from './Attempts';
import { Config } from './Config';
import { Events } from './Events';
import { LogLines } from './LogLines';
import { RunCurves } from './RunCurves';
import { RunFacts } from './RunFacts';
import styles from './RunPage.module.css';

/** Progress comes several times a second; the page asks for the whole run this often. */
const REFRESH_MS = 700;

/** One run: what it was told to do, what it does, and what the weights say about it. */
export function RunPage({ id }: { readonly id: string }) {
	const query = useGraftQuery('run', RunDocument, { id });
	const run = query.data?.run ?? null;
	const refresh = useThrottled(() => void query.refetch(), REFRESH_MS);
	useStream(
		`run#${id}`,
		(client, signal) =>
			client.streamWithCursor(RunPageUpdatesDocument, { id }, (frame) => frame.runUpdates.cursor, { signal }),
		refresh,
	);
	if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
	if (query.isSuccess && run === null) {
		return (
			<>
				<PageHead crumbs={[{ href: '/runs', name: 'Runs' }]} title="No such run" />
				<Empty title="This address names no run here">It may have been deleted, or it lives on another platform.</Empty>
			</>
		);
	}
	if (run === null) return <Loading />;
	return (
		<>
			<PageHead
				crumbs={[
					{ href: '/', name: 'Experiments' },
					{ href: `/experiments/${run.experiment.id}`, name: run.experiment.name },
				]}
				title={run.name}
				actions={<RunActions run={run} />}
			/>
			{run.deletedAt === null ? null : <TrashNote what="This run" deletedAt={run.deletedAt} />}
			<RunFacts run={run} />
			{run.failure ? (
				<div className={styles.failure} role="alert">
					<h2>{run.failure.kind}</h2>
					<p>{run.failure.message}</p>
					<p className={styles.hint}>
						{run.failure.retryable
							? 'A retry may succeed.'
							: 'A retry would fail the same way: change the input first.'}
					</p>
				</div>
			) : null}
			{run.freezePlan ? (
				<Section title="Freeze plan" note={run.strategyLabel}>
					<div className={styles.strip}>
						<FreezeStrip
							plan={run.freezePlan}
							layerGroups={run.backbone?.layerGroups ?? []}
							verification={run.verification}
						/>
					</div>
				</Section>
			) : null}
			<RunCurves run={run} />
			<div className={styles.columns}>
				<div>
					<Events id={id} revision={run.revision} />
					<LogLines id={id} />
				</div>
				<div>
					<Attempts attempts={run.attempts} />
					<Artifacts artifacts={run.artifacts} />
					<Config config={run.config} />
				</div>
			</div>
			{run.backbone ? null : (
				<p className={styles.hint}>
					This run trains by itself and names no backbone. <Link href="/backbones">Backbones</Link>
				</p>
			)}
		</>
	);
}

function Loading() {
	return (
		<>
			<PageHead
				crumbs={[{ href: '/runs', name: 'Runs' }]}
				title={<Skeleton label="Loading the run" width={280} height={28} />}
			/>
			<Skeleton height={56} />
			<div className={styles.gap} />
			<Skeleton height={110} />
			<div className={styles.gap} />
			<Skeleton height={250} />
		</>
	);
}
