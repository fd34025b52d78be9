import { openCopyClient } from '@graft/testing/server';

/** Binary COPY into a table of one row a point, with the key that a query needs: series, step. */
const TABLE = `CREATE TABLE IF NOT EXISTS narrow (
	series_id integer NOT NULL, step bigint NOT NULL, time timestamptz NOT NULL, value double precision NOT NULL,
	PRIMARY KEY (series_id, step))`;
const ROW_BYTES = 2 + 8 + 12 + 12 + 12;

/** Points a second that COPY stores, batch by batch as the ingest does: each a transaction, from `clients` connections. */
export async function copyRate(url: string, clients: number, batches: number, points: number): Promise<number> {
	const connections = await Promise.all(Array.from({ length: clients }, () => openCopyClient(url)));
	await connections[0]?.query(TABLE);
	await connections[0]?.query('TRUNCATE narrow');
	const bodies = connections.map((_, client) =>
		Array.from({ length: batches }, (_, batch) => rows(client, batch, points)),
	);
	const began = performance.now();
	await Promise.all(
		connections.map(async (connection, client) => {
			for (const body of bodies[client] ?? []) await connection.copy('narrow', body);
		}),
	);
	const seconds = (performance.now() - began) / 1000;
	await Promise.all(connections.map((connection) => connection.close()));
	return (clients * batches * points) / seconds;
}

/** Ten series of each client in turn, as a batch of ten metrics has them. */
function rows(client: number, batch: number, points: number): Buffer {
	const out = Buffer.allocUnsafe(points * ROW_BYTES);
	for (let at = 0; at < points; at++) {
		const row = at * ROW_BYTES;
		const step = batch * (points / 10) + Math.floor(at / 10);
		out.writeInt16BE(4, row);
		out.writeInt32BE(4, row + 2);
		out.writeInt32BE(client * 10 + (at % 10), row + 6);
		out.writeInt32BE(8, row + 10);
		out.writeBigInt64BE(BigInt(step), row + 14);
		out.writeInt32BE(8, row + 22);
		out.writeBigInt64BE(BigInt(step) * 20_000n, row + 26);
		out.writeInt32BE(8, row + 34);
		out.writeDoubleBE(Math.fround(Math.random()), row + 38);
	}
	return out;
}
