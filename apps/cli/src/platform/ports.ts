import { createServer } from 'node:net';
import { GraftError } from '@graft/domain/error';

/** Whether a server could listen there now. */
export function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
	return new Promise((resolve) => {
		const server = createServer();
		server.once('error', () => resolve(false));
		server.listen(port, host, () => server.close(() => resolve(true)));
	});
}

/** @throws GraftError UNAVAILABLE naming the port, what it is for, and the flag that changes it. */
export async function requirePort(port: number, what: string, flag: string): Promise<void> {
	if (await portIsFree(port)) return;
	throw new GraftError(
		'UNAVAILABLE',
		`Port ${port}, meant for ${what}, is taken by another program. Choose another one: ${flag} ${port + 10}.`,
		{ port },
	);
}
