import type { Artifact } from '@graft/domain/artifact';
import { In } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session, Statement } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { ArtifactEntity } from './artifact.entity.js';
import { BlobEntity } from './blob.entity.js';

const toArtifact = (row: ArtifactEntity): Artifact => ({
	...row,
	bytes: Number(row.bytes),
	step: row.step === null ? null : Number(row.step),
});

/** Notes that the store holds these bytes. Waits for whoever is giving the same bytes up: see dropOrphanBlobs. */
export async function insertBlob(session: Session, digest: string, bytes: number): Promise<void> {
	await insertOnce(session, BlobEntity, { digest, bytes }, { digest });
}

const fencedBlob: Statement = {
	name: 'insert-fenced-blob',
	text: `
		WITH living AS MATERIALIZED (
			SELECT number FROM attempt WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL FOR NO KEY UPDATE
		), noted AS (
			INSERT INTO blob (digest, bytes) SELECT $3, $4 FROM living ON CONFLICT DO NOTHING
		)
		SELECT number FROM living`,
};

/**
 * The same for a file of the living attempt that the token stands for, in the statement that checks it. Answers the attempt's
 * number, its row locked until the transaction ends; null: the token is not one of a living attempt of the run.
 */
export async function insertFencedBlob(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	{ digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<number | null> {
	const [row] = await session.query<{ number: number }>(fencedBlob, [runId, tokenHash, digest, bytes]);
	return row?.number ?? null;
}

/** Adds a file, whose blob is there, to its attempt; the same file again (name and digest) is the artifact of before. */
export async function insertArtifact(session: Session, artifact: Omit<Artifact, 'createdAt'>): Promise<Artifact> {
	const { runId, attempt, name, digest } = artifact;
	return toArtifact(await insertOnce(session, ArtifactEntity, artifact, { runId, attempt, name, digest }));
}

export async function findArtifactsByRuns(session: Session, runIds: readonly string[]): Promise<Artifact[]> {
	const where = { runId: In([...runIds]) };
	return (await orGraftError(session.manager.find(ArtifactEntity, { where, order: { id: 'ASC' } }))).map(toArtifact);
}

/** The newest file of a kind of the run: of the latest attempt that has one, and of that its latest step. */
export async function findLatestArtifact(session: Session, runId: string, kind: string): Promise<Artifact | null> {
	const row = await orGraftError(
		session.manager.findOne(ArtifactEntity, {
			where: { runId, kind },
			order: { attempt: 'DESC', step: 'DESC', id: 'DESC' },
		}),
	);
	return row === null ? null : toArtifact(row);
}
