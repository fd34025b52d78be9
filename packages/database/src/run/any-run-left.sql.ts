import type { Session, Statement } from '../connection/index.js';

const some: Statement = {
	name: 'any-run-left',
	text: 'SELECT EXISTS (SELECT FROM run WHERE id = ANY($1::uuid[])) AS "isThere"',
};

/** Whether any of the runs is still there, in the trash or not. */
export async function isAnyRunLeft(session: Session, runIds: readonly string[]): Promise<boolean> {
	return (await session.query<{ isThere: boolean }>(some, [runIds]))[0]?.isThere ?? false;
}
