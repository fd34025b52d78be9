'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useGraft } from '../connection/GraftProvider';
import { ask, useGraftQuery } from '../connection/use-graft-query';
import { useNow } from '../connection/use-now';
import { useStream } from '../connection/use-stream';
import { Button } from '../design/Button';
import { PageHead } from '../design/PageHead';
import { Empty, Failed, SkeletonRows } from '../design/State';
import table from '../design/table.module.css';
import { bytes } from '../format/numbers';
import { ago } from '../format/time';
import { DrainWorkerDocument, WorkersDocument, type WorkersQuery, WorkerUpdatesDocument } from '../gql/graphql';
import styles from './WorkersPage.module.css';

type Worker = WorkersQuery['workers'][number];

/** Who trains: back end and why that one, what it does now, and whether it is still there. */
export function WorkersPage() {
	const query = useGraftQuery('workers', WorkersDocument, {});
	const queries = useQueryClient();
	useStream(
		'workers',
		(client, signal) => client.subscribe(WorkerUpdatesDocument, {}, { signal }),
		(frames) => {
			const last = frames.at(-1);
			if (last) queries.setQueryData(['workers', {}], { workers: last.workerUpdates.workers });
		},
	);
	const now = useNow(1_000);
	const workers = query.data?.workers;
	return (
		<>
			<PageHead title="Workers" lead="Processes that lease runs and train them. A silent worker's run is handed on." />
			{query.error ? (
				<Failed error={query.error} onRetry={() => void query.refetch()} />
			) : !workers ? (
				<SkeletonRows rows={3} height={77} />
			) : workers.length === 0 ? (
				<Empty title="No workers yet" graft="trainer">
					Queued runs wait for a worker. Start one here, or on a machine with a GPU that reaches this address.
				</Empty>
			) : (
				<ul className={styles.list}>
					{workers.map((worker) => (
						<Item key={worker.id} worker={worker} now={now} />
					))}
				</ul>
			)}
		</>
	);
}

function Item({ worker, now }: { readonly worker: Worker; readonly now: number | null }) {
	const online = worker.status === 'ONLINE';
	return (
		<li className={styles.item} data-testid="worker-row" data-status={worker.status}>
			<div className={styles.who}>
				<h2>
					<span className={styles.dot} aria-hidden="true" />
					{worker.name}
				</h2>
				<p className={online ? table.quiet : styles.silent}>
					{online ? (worker.draining ? 'Draining' : 'Online') : 'Silent'}
					{now === null ? '' : `, last seen ${ago(worker.lastSeenAt, now)}`}
				</p>
			</div>
			<div>
				<p>
					<strong>{worker.backend}</strong>
					{worker.device ? ` · ${worker.device}` : ''}
					{worker.memoryBytes ? ` · ${bytes(worker.memoryBytes)}` : ''}
				</p>
				<p className={table.quiet}>{worker.backendReason ?? ''}</p>
			</div>
			<div>
				<p className={table.quiet}>
					{worker.currentRuns.length} of {worker.slots} {worker.slots === 1 ? 'slot' : 'slots'} busy
				</p>
				{worker.currentRuns.length === 0 ? (
					<p>{online && !worker.draining ? 'Waiting for work' : ''}</p>
				) : (
					worker.currentRuns.map((run) => (
						<p key={run.id}>
							<Link href={`/runs/${run.id}`}>{run.name}</Link>
							{run.progress?.epoch && run.progress.epochs ? (
								<span className={table.quiet}>
									{' '}
									epoch {run.progress.epoch}/{run.progress.epochs}
								</span>
							) : null}
						</p>
					))
				)}
				{online && !worker.draining ? <Drain id={worker.id} /> : null}
			</div>
		</li>
	);
}

/** The worker finishes what it trains and ends: for a machine that is needed for something else. */
function Drain({ id }: { readonly id: string }) {
	const graft = useGraft();
	const queries = useQueryClient();
	const drain = useMutation({
		mutationFn: async () => {
			const { drainWorker } = await ask(graft, DrainWorkerDocument, { id });
			if (drainWorker.__typename !== 'WorkerDraining') throw new Error(drainWorker.message);
		},
		onSettled: () => queries.invalidateQueries(),
	});
	return (
		<p className={styles.drain}>
			<Button look="plain" disabled={drain.isPending} onClick={() => drain.mutate()}>
				Drain
			</Button>
			{drain.error ? (
				<span role="alert" className={styles.silent}>
					{drain.error.message}
				</span>
			) : null}
		</p>
	);
}
