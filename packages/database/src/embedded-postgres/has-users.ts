import pg from 'pg';

/** Whether anybody but us has a session on the server; true where it cannot be asked. */
export async function hasUsers(adminUrl: string): Promise<boolean> {
	const client = new pg.Client({ connectionString: adminUrl });
	try {
		await client.connect();
		const { rowCount } = await client.query(
			`SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
		);
		return rowCount !== 0;
	} catch {
		return true;
	} finally {
		await client.end().catch(() => undefined);
	}
}
