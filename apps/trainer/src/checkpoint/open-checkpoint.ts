import { RefuseCheckpointDocument } from '@graft/client/gql';
import { downloadArtifact, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import type { Logger } from '@graft/runtime/logger';
import { persistently, requestPersistently } from '../work/persistently.js';
import type { LocalCheckpoints } from './local-checkpoints.js';

/** A checkpoint that the API offers to go on from. */
export interface OfferedCheckpoint {
	readonly digest: string;
	readonly step: number | null;
}

export interface CheckpointSource {
	readonly client: GraftClient;
	readonly lease: LeaseProof;
	readonly files: LocalCheckpoints;
	readonly signal: AbortSignal;
	readonly logger: Logger;
}

export interface OpenedCheckpoint {
	readonly digest: string;
	readonly step: number;
	readonly bytes: Uint8Array;
}

/**
 * The bytes of the offered checkpoint, from this machine where they are, else from the API. One that is broken there, or
 * gone, is refused, and the one before it taken; null where none is left, or none was offered: the run begins anew.
 */
export async function openCheckpoint(
	source: CheckpointSource,
	offered: OfferedCheckpoint | null,
): Promise<OpenedCheckpoint | null> {
	for (let one = offered; one !== null; ) {
		const { digest, step } = one;
		try {
			const here = await source.files.read(source.lease.runId, digest);
			const bytes = here ?? (await persistently(() => downloadArtifact(source.client, digest, source.signal), source));
			return { digest, step: step ?? 0, bytes };
		} catch (error) {
			if (!(error instanceof GraftError && error.code === 'DATA')) throw error;
			one = await refuseCheckpoint(source, digest, error.message);
		}
	}
	return null;
}

/**
 * Tells the API that a checkpoint is of no use; answers the one before it.
 * @throws GraftError LEASE_LOST, or BUG where the API does not take that for an answer.
 */
export async function refuseCheckpoint(
	{ client, lease, signal, logger }: CheckpointSource,
	digest: string,
	reason: string,
): Promise<OfferedCheckpoint | null> {
	logger.warn({ digest, reason }, 'The checkpoint is of no use; the one before it is taken.');
	const variables = { lease, digest, reason };
	const { refuseCheckpoint: answer } = await requestPersistently(client, RefuseCheckpointDocument, variables, {
		signal,
		logger,
	});
	if (answer.__typename === 'CheckpointRefused') return answer.resumeFrom;
	if (answer.__typename === 'LeaseLost') throw new GraftError('LEASE_LOST', `The lease is lost: ${answer.reason}`);
	throw new GraftError('BUG', `The API did not take a checkpoint back: ${answer.message}`);
}
