import type { Session, Statement } from '../connection/index.js';

/** Every table of ours but the list of migrations, which a restored database has of its own. */
const tables: Statement = {
	name: '',
	text: `SELECT relname AS name FROM pg_class
		WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
			AND relname <> 'migration'
		ORDER BY relname`,
};
const migrations: Statement = { name: '', text: 'SELECT name FROM migration ORDER BY id' };
const foreignKeys: Statement = {
	name: '',
	text: `SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
		FROM pg_constraint WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace`,
};

/** Names of the tables, as they stand in SQL. */
export async function findTables(session: Session): Promise<string[]> {
	return (await session.query<{ name: string }>(tables)).map(({ name }) => name);
}

/** The schema's version: the names of the migrations that have run, in their order. */
export async function findMigrations(session: Session): Promise<string[]> {
	return (await session.query<{ name: string }>(migrations)).map(({ name }) => name);
}

const ROWS_AT_A_TIME = 200;

/**
 * The rows of a table in PostgreSQL's own text form, which is exact, some at a time. Inside a transaction, whose snapshot
 * it reads. `table` comes from `findTables`.
 */
export async function* readRows(session: Session, table: string): AsyncGenerator<readonly string[]> {
	await session.query({
		name: '',
		text: `DECLARE rows NO SCROLL CURSOR FOR SELECT t::text AS row FROM "${table}" AS t`,
	});
	for (;;) {
		const rows = await session.query<{ row: string }>({ name: '', text: `FETCH ${ROWS_AT_A_TIME} FROM rows` });
		if (rows.length > 0) yield rows.map(({ row }) => row);
		if (rows.length < ROWS_AT_A_TIME) break;
	}
	await session.query({ name: '', text: 'CLOSE rows' });
}

/** Adds rows that `readRows` gave. Twice the same row (a worker that is there already) is one. */
export async function writeRows(session: Session, table: string, rows: readonly string[]): Promise<void> {
	const text = `INSERT INTO "${table}" SELECT given.* FROM unnest($1::"${table}"[]) AS given ON CONFLICT DO NOTHING`;
	await session.query({ name: '', text }, [rows]);
}

/** Does the work without foreign keys and makes them again, checked, so that tables may be filled in any order. */
export async function withoutForeignKeys<T>(session: Session, work: () => Promise<T>): Promise<T> {
	const keys = await session.query<{ table: string; name: string; definition: string }>(foreignKeys);
	for (const { table, name } of keys)
		await session.query({ name: '', text: `ALTER TABLE ${table} DROP CONSTRAINT ${name}` });
	const result = await work();
	for (const { table, name, definition } of keys)
		await session.query({ name: '', text: `ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}` });
	return result;
}

/** Whether any of the tables has a row. */
export async function hasRows(session: Session, names: readonly string[]): Promise<boolean> {
	const parts = names.map((name) => `EXISTS (SELECT FROM "${name}")`);
	const [row] = await session.query<{ found: boolean }>({ name: '', text: `SELECT ${parts.join(' OR ')} AS found` });
	return row?.found === true;
}

/** Any constant; it stands for "Graft copies its files" among the advisory locks of this database. */
const BACKUP_LOCK = 7_164_238_002;
const hold: Statement = { name: '', text: `SELECT pg_advisory_xact_lock(${BACKUP_LOCK})` };
const share: Statement = {
	name: 'may-remove-files',
	text: `SELECT pg_try_advisory_xact_lock_shared(${BACKUP_LOCK}) AS free`,
};
const snapshot: Statement = { name: '', text: 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' };

/** Until the transaction ends no file is removed by anybody. Waits for those who are at it. */
export async function keepFiles(session: Session): Promise<void> {
	await session.query(hold);
}

/** False while a backup copies files: what is to be removed is left to a later round. */
export async function mayRemoveFiles(session: Session): Promise<boolean> {
	const [row] = await session.query<{ free: boolean }>(share);
	return row?.free === true;
}

/** To be the first statement of its transaction, which then sees one moment of the database. */
export async function readOneMoment(session: Session): Promise<void> {
	await session.query(snapshot);
}
