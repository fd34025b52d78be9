import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
	FinishRunDocument,
	type LeaseAnswerFragment,
	type LeaseInput,
	LeaseRunDocument,
	LogMetricsDocument,
	type NextLeaseInput,
	RegisterWorkerDocument,
	RenewLeaseDocument,
	WorkerCommandsDocument,
} from '@graft/client/gql';
import { createGraftClient } from '@graft/client/node';

/** A trainer that computes nothing: its leases, heartbeats, points and finishes are real, over the real API. */
export interface SimulatedWorker {
	readonly id: string;
	/** Takes one run, or null where the queue has none for it. */
	lease(): Promise<LeaseInput | null>;
	/** As a trainer carries out a run: progress and points while it trains, all acknowledged, before it ends. */
	train(lease: LeaseInput, trialMs: number): Promise<void>;
	/** As a trainer ends it: with the request for the next run, or null where the queue has none. */
	finishForNext(lease: LeaseInput): Promise<LeaseInput | null>;
	renew(lease: LeaseInput, step: number | null): Promise<void>;
	finish(lease: LeaseInput): Promise<void>;
	/** Calls at each push that there may be work; the last one given counts. */
	onWork(bell: () => void): void;
	close(): Promise<void>;
}

export async function createSimulatedWorker(url: string, name: string): Promise<SimulatedWorker> {
	const client = createGraftClient({ url });
	const input = { name, backend: 'wasm', slots: 1 };
	const { registerWorker } = await client.request(RegisterWorkerDocument, { input });
	if (registerWorker.__typename !== 'WorkerRegistered') throw new Error(registerWorker.message);
	const { id } = registerWorker.worker;
	let ring: () => void = () => undefined;
	const online = new Promise<void>((resolve) => client.onConnectionChange((state) => state === 'online' && resolve()));
	void (async () => {
		for await (const _ of client.subscribe(WorkerCommandsDocument, { workerId: id })) ring();
	})();
	await online;

	async function renew(lease: LeaseInput, step: number | null): Promise<void> {
		const progress = step === null ? null : { phase: 1, epoch: 1, epochs: 1, step, steps: 100, etaSeconds: 1 };
		const { renewLease } = await client.request(RenewLeaseDocument, { lease, progress });
		if (renewLease.__typename !== 'LeaseRenewed') throw new Error(renewLease.reason);
	}
	async function log(lease: LeaseInput): Promise<void> {
		const steps = Array.from({ length: 10 }, (_, index) => index + 1);
		const series = ['train_loss', 'val_accuracy'].map((key) => ({ key, steps, values: steps, times: steps }));
		const { logMetrics } = await client.request(LogMetricsDocument, { input: { lease, sequence: 1, series } });
		if (logMetrics.__typename !== 'MetricsLogged') throw new Error(JSON.stringify(logMetrics));
	}
	async function finish(lease: LeaseInput, next: NextLeaseInput | null) {
		const { finishRun } = await client.request(FinishRunDocument, { input: { lease, outcome: 'SUCCEEDED', next } });
		if (finishRun.__typename !== 'RunFinished') throw new Error(finishRun.reason);
		return finishRun.next ?? null;
	}
	const proofOf = (answer: LeaseAnswerFragment): LeaseInput | null => {
		if (answer.__typename === 'NotFound' || answer.__typename === 'InvalidInput') throw new Error(answer.message);
		return answer.__typename === 'LeasedRun' ? { runId: answer.lease.runId, token: answer.lease.token } : null;
	};
	const newToken = () => randomBytes(32).toString('base64url');

	return {
		id,
		renew,
		finish: async (lease) => void (await finish(lease, null)),
		finishForNext: async (lease) => {
			const next = await finish(lease, { workerId: id, token: newToken() });
			return next && proofOf(next);
		},
		lease: async () => proofOf((await client.request(LeaseRunDocument, { workerId: id, token: newToken() })).leaseRun),
		train: async (lease, trialMs) => {
			const half = sleep(trialMs / 2).then(() => Promise.all([renew(lease, 1), log(lease)]));
			await Promise.all([sleep(trialMs), half]);
		},
		onWork: (bell) => {
			ring = bell;
		},
		close: () => client.close(),
	};
}
