import { readFileSync } from 'node:fs';

/** A TCP connection of this machine, as /proc/net/tcp has it. */
export interface Connection {
	readonly localPort: number;
	readonly remotePort: number;
	readonly state: string;
	/** Bytes that have come and that nobody has read. */
	readonly unread: number;
	/** Bytes that the other end has not taken yet. */
	readonly untaken: number;
}

export const ESTABLISHED = '01';
/** The other end has gone, and this one has not closed. */
export const CLOSE_WAIT = '08';

/** Empty where there is no /proc. */
export function connections(): Connection[] {
	try {
		return readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1).map(parse);
	} catch {
		return [];
	}
}

function parse(row: string): Connection {
	const [, local, remote, state = '', queues = ''] = row.trim().split(/\s+/);
	const port = (address = '') => Number.parseInt(address.split(':')[1] ?? '', 16);
	const [untaken = 0, unread = 0] = queues.split(':').map((size) => Number.parseInt(size, 16));
	return { localPort: port(local), remotePort: port(remote), state, unread, untaken };
}
