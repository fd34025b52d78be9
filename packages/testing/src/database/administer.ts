import pg from 'pg';

/** The same server and login, another database. */
export function urlOfDatabase(url: string, database: string): string {
	const changed = new URL(url);
	changed.pathname = `/${database}`;
	return changed.toString();
}

async function administer(serverUrl: string, text: string): Promise<void> {
	const client = new pg.Client({ connectionString: urlOfDatabase(serverUrl, 'postgres') });
	await client.connect();
	try {
		await client.query(text);
	} finally {
		await client.end();
	}
}

export async function createDatabase(serverUrl: string, name: string, template?: string): Promise<void> {
	await administer(serverUrl, `CREATE DATABASE "${name}"${template ? ` TEMPLATE "${template}"` : ''}`);
}

/** FORCE: a test that failed may have left connections. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
	await administer(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
}
