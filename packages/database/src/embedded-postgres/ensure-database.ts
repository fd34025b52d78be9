import pg from 'pg';
import { errorCode, toGraftError } from '../connection/database-error.js';

const DUPLICATE_DATABASE = '42P04';
/** Two creators at once: the loser breaks the catalog's unique index instead. */
const UNIQUE_VIOLATION = '23505';

/** Creates the database in the server of `adminUrl` when it is not there. */
export async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
	const client = new pg.Client({ connectionString: adminUrl });
	try {
		await client.connect();
		const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
		if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
	} catch (error) {
		const code = errorCode(error);
		if (code !== DUPLICATE_DATABASE && code !== UNIQUE_VIOLATION) throw toGraftError(error);
	} finally {
		await client.end().catch(() => undefined);
	}
}
