import pg from 'pg';

/** One connection that loads rows with binary COPY: the fastest way into a table that PostgreSQL has. */
export interface CopyClient {
	query(text: string): Promise<void>;
	/** `rows` is the binary format's body, without its header and trailer. One COPY is one transaction. */
	copy(table: string, rows: Buffer): Promise<void>;
	close(): Promise<void>;
}

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER = Buffer.of(0xff, 0xff);

interface CopyConnection {
	query(text: string): void;
	sendCopyFromChunk(chunk: Buffer): void;
	endCopyFrom(): void;
}

/** What `pg` calls while a statement runs; its types do not know of COPY. */
function copyFrom(text: string, body: Buffer, done: (error?: Error) => void) {
	let failure: Error | undefined;
	return {
		submit: (connection: CopyConnection) => connection.query(text),
		handleCopyInResponse: (connection: CopyConnection) => {
			connection.sendCopyFromChunk(body);
			connection.endCopyFrom();
		},
		handleCommandComplete: () => undefined,
		handleError: (error: Error) => {
			failure = error;
			done(error);
		},
		handleReadyForQuery: () => {
			if (failure === undefined) done();
		},
	};
}

export async function openCopyClient(url: string): Promise<CopyClient> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	return {
		query: async (text) => void (await client.query(text)),
		copy: (table, rows) =>
			new Promise((resolve, reject) => {
				const body = Buffer.concat([HEADER, rows, TRAILER]);
				const statement = copyFrom(`COPY ${table} FROM STDIN (FORMAT binary)`, body, (error) =>
					error === undefined ? resolve() : reject(error),
				);
				client.query(statement as unknown as pg.Submittable);
			}),
		close: () => client.end(),
	};
}
