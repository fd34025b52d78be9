import type { Session, Statement } from '../connection/index.js';

/**
 * The row itself is the claim: who commits a file of the same bytes waits for this transaction at the row, and finds
 * afterwards that the bytes are gone. A row that is there already, or that another transaction is adding, is no orphan.
 */
const claim: Statement = {
	name: 'claim-orphans',
	text: `
		INSERT INTO blob (digest, bytes) SELECT digest, 0 FROM unnest($1::text[]) AS digest
		-- Backbones of before the rows were made for them have none.
		WHERE NOT EXISTS (SELECT FROM backbone WHERE weights_digest = digest OR input->>'tokenizer' = digest)
		ORDER BY digest
		ON CONFLICT DO NOTHING RETURNING digest`,
};
const unclaim: Statement = { name: 'unclaim-orphans', text: 'DELETE FROM blob WHERE digest = ANY($1::text[])' };

/** Calls `remove` for those of the contents that no row knows, while nobody can begin to know them; answers how many. */
export async function removeOrphans(
	session: Session,
	digests: readonly string[],
	remove: (digest: string) => Promise<void>,
): Promise<number> {
	const orphans = (await session.query<{ digest: string }>(claim, [digests])).map(({ digest }) => digest);
	for (const digest of orphans) await remove(digest);
	if (orphans.length > 0) await session.query(unclaim, [orphans]);
	return orphans.length;
}
