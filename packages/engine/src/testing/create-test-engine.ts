import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Database } from '@graft/database/connection';
import { wakeRuns } from '@graft/database/run';
import type { Artifact } from '@graft/domain/artifact';
import type { LeaseProof } from '@graft/domain/lease';
import { createLogger } from '@graft/runtime/logger';
import type { ArtifactStore } from '../contract/artifact-store.js';
import { DEFAULT_ENGINE_SETTINGS, type EngineSettings } from '../contract/settings.js';
import { createEngine, type RunningEngine } from '../create-engine.js';

/** An artifact store whose bytes are in memory. */
export interface MemoryStore extends ArtifactStore {
	keep(bytes: string | Uint8Array): { digest: string; bytes: number };
}

export function createMemoryStore(): MemoryStore {
	const files = new Map<string, Uint8Array>();
	return {
		size: async (digest) => files.get(digest)?.length ?? null,
		beginUpload: async ({ digest, bytes }) => [{ number: 1, offset: 0, bytes, url: `/uploads/${digest}`, headers: {} }],
		finishUpload: async ({ digest }) => files.has(digest),
		put: async ({ digest }, source) => void files.set(digest, await buffer(source)),
		open: async (digest) => {
			const file = files.get(digest);
			return file === undefined ? null : { bytes: file.length, stream: Readable.from([file]) };
		},
		check: async () => undefined,
		remove: async (digest) => void files.delete(digest),
		storedLongerThan: async function* () {
			yield* [...files.keys()];
		},
		removeAbandonedUploads: async () => 0,
		keep: (given) => {
			const bytes = Buffer.from(given as string);
			const digest = createHash('sha256').update(bytes).digest('hex');
			files.set(digest, bytes);
			return { digest, bytes: bytes.length };
		},
	};
}

export interface TestEngine {
	readonly engine: RunningEngine;
	readonly store: MemoryStore;
	readonly settings: EngineSettings;
}

/** An engine that has not been started: nothing happens in it but what the test asks for. */
export function createTestEngine(
	database: Database,
	lease: Partial<EngineSettings['lease']> = {},
	clock?: () => Date,
	store: MemoryStore = createMemoryStore(),
): TestEngine {
	const settings = {
		...DEFAULT_ENGINE_SETTINGS,
		streamPollSeconds: 3600,
		lease: { ...DEFAULT_ENGINE_SETTINGS.lease, ...lease },
	};
	const logger = createLogger('test', 'error');
	return { engine: createEngine({ database, artifactStore: store, settings, logger, clock }), store, settings };
}

/** The value, or the refusal as the test's error. */
export function ok<T>(
	value: T,
): Exclude<T, { kind: 'InvalidInput' | 'NotFound' | 'Conflict' | 'TooLarge' | 'LeaseLost' } | null> {
	const refusals = ['InvalidInput', 'NotFound', 'Conflict', 'TooLarge', 'LeaseLost'];
	if (value === null || refusals.includes((value as { kind?: string }).kind ?? ''))
		throw new Error(`refused: ${JSON.stringify(value)}`);
	return value as ReturnType<typeof ok<T>>;
}

/** Lets a lease run out now, by the database's clock. */
export async function letLeaseRunOut(database: Database, runId: string): Promise<void> {
	await database.query(
		{
			name: 'let-lease-run-out',
			text: `UPDATE attempt SET lease_expires_at = now() - interval '1 second' WHERE run_id = $1 AND ended_at IS NULL`,
		},
		[runId],
	);
}

/** Lets a run's wait after a failure pass, by the database's clock, and has it found. */
export async function letWaitPass(database: Database, runId: string): Promise<void> {
	const text = `UPDATE run SET retry_at = now() - interval '1 second' WHERE id = $1 AND retry_at IS NOT NULL`;
	await database.query({ name: 'let-wait-pass', text }, [runId]);
	await wakeRuns(database);
}

/** Uploads and commits a file under a lease. */
export async function commitFile(
	{ engine, store }: TestEngine,
	lease: LeaseProof,
	file: { name?: string; kind?: string; text: string; step?: number | null },
): Promise<Artifact> {
	const { digest, bytes } = store.keep(file.text);
	const { name = 'model.safetensors', kind = 'checkpoint', step = null } = file;
	return ok(await engine.commitArtifact({ lease, name, kind, digest, bytes, step }));
}
