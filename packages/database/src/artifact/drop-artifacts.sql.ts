import type { Session, Statement } from '../connection/index.js';

/** The newest are those of the latest attempt, and of one attempt those of its latest steps. */
const drop: Statement = {
	name: 'drop-artifacts',
	text: `
		DELETE FROM artifact WHERE id IN (
			SELECT id FROM artifact WHERE run_id = $1 AND kind = $2
			ORDER BY attempt DESC, step DESC NULLS LAST, id DESC OFFSET $3
		) RETURNING digest`,
};

/** Drops a run's files of a kind, but for the newest `keep`. Answers the digests of what was dropped. */
export async function dropArtifacts(session: Session, runId: string, kind: string, keep: number): Promise<string[]> {
	return (await session.query<{ digest: string }>(drop, [runId, kind, keep])).map(({ digest }) => digest);
}

const dropReplaced: Statement = {
	name: 'drop-replaced-artifacts',
	text: 'DELETE FROM artifact WHERE run_id = $1 AND name = $2 AND attempt < $3 RETURNING digest',
};

/** Drops what earlier attempts of the run stored under a name. Answers the digests of what was dropped. */
export async function dropReplacedArtifacts(session: Session, runId: string, name: string, attempt: number) {
	return (await session.query<{ digest: string }>(dropReplaced, [runId, name, attempt])).map(({ digest }) => digest);
}

const dropOne: Statement = {
	name: 'drop-artifacts-by-digest',
	text: 'DELETE FROM artifact WHERE run_id = $1 AND kind = $2 AND digest = $3',
};

/** Drops a run's files of a kind with these contents. */
export async function dropArtifactsByDigest(session: Session, runId: string, kind: string, digest: string) {
	await session.query(dropOne, [runId, kind, digest]);
}

const NOT_REFERRED_TO = `
	NOT EXISTS (SELECT FROM artifact WHERE artifact.digest = blob.digest)
	AND NOT EXISTS (SELECT FROM backbone WHERE backbone.weights_digest = blob.digest)
	AND NOT EXISTS (SELECT FROM backbone WHERE backbone.input->>'tokenizer' = blob.digest)`;

const orphans: Statement = {
	name: 'drop-orphan-blobs',
	text: `
		DELETE FROM blob WHERE digest = ANY($1::text[]) AND ${NOT_REFERRED_TO} RETURNING digest`,
};

/** Forgets those of the contents that nothing refers to any more; answers them, their rows locked until the commit. */
export async function dropOrphanBlobs(session: Session, digests: readonly string[]): Promise<string[]> {
	return (await session.query<{ digest: string }>(orphans, [digests])).map(({ digest }) => digest);
}

const left: Statement = {
	name: 'left-blobs',
	text: `SELECT digest FROM blob
		WHERE created_at < now() - $1 * interval '1 second' AND ${NOT_REFERRED_TO} LIMIT 1000`,
};

/** Contents that are known for longer than `seconds`, and that nothing refers to: to drop them has failed once. */
export async function findLeftBlobs(session: Session, seconds: number): Promise<string[]> {
	return (await session.query<{ digest: string }>(left, [seconds])).map(({ digest }) => digest);
}
