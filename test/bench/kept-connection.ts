import { connect, type Socket } from 'node:net';

/** Node's server closes a connection on which nothing has come for 5 s. */
const IDLE_MS = 4_000;
const END_OF_HEAD = '\r\n\r\n';

/**
 * An HTTP connection that one request at a time takes, with an answer whose length is said. With so little of its own as can be: on
 * two cores the API does not get what its client takes, and Node's own client takes 0.1 ms more of them for each request.
 */
export class KeptConnection {
	readonly #socket: Socket;
	readonly #head: string;
	#received: Buffer[] = [];
	#bytes = 0;
	/** Bytes of the whole answer, once its head is there. */
	#expected: number | null = null;
	#bodyAt = 0;
	#waiting: { resolve: (body: string) => void; reject: (error: Error) => void } | null = null;
	#freeSince = performance.now();

	constructor(url: URL) {
		this.#head = `POST ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\ncontent-length: `;
		this.#socket = connect(Number(url.port), url.hostname);
		this.#socket.setNoDelay(true);
		this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
		this.#socket.on('error', (error) => this.#fail(error));
		this.#socket.on('close', () => this.#fail(new Error('the API closed the connection')));
	}

	get isUsable(): boolean {
		return !this.#socket.destroyed && performance.now() - this.#freeSince < IDLE_MS;
	}

	post(body: string): Promise<string> {
		return new Promise((resolve, reject) => {
			this.#waiting = { resolve, reject };
			this.#socket.write(`${this.#head}${Buffer.byteLength(body)}${END_OF_HEAD}${body}`);
		});
	}

	close(): void {
		this.#socket.destroy();
	}

	#take(chunk: Buffer): void {
		this.#received.push(chunk);
		this.#bytes += chunk.length;
		if (this.#expected === null) this.#readHead();
		if (this.#expected === null || this.#bytes < this.#expected) return;
		const body = this.#whole().toString('utf8', this.#bodyAt);
		this.#received = [];
		this.#bytes = 0;
		this.#expected = null;
		this.#freeSince = performance.now();
		const waiting = this.#waiting;
		this.#waiting = null;
		waiting?.resolve(body);
	}

	#readHead(): void {
		const whole = this.#whole();
		this.#received = [whole];
		const end = whole.indexOf(END_OF_HEAD);
		if (end < 0) return;
		const length = /^content-length: *(\d+)/im.exec(whole.toString('latin1', 0, end))?.[1];
		if (length === undefined) {
			this.#fail(new Error('the API does not say how long its answer is'));
			return;
		}
		this.#bodyAt = end + END_OF_HEAD.length;
		this.#expected = this.#bodyAt + Number(length);
	}

	#whole(): Buffer {
		return this.#received.length === 1 ? (this.#received[0] as Buffer) : Buffer.concat(this.#received);
	}

	#fail(error: Error): void {
		this.#socket.destroy();
		this.#waiting?.reject(error);
		this.#waiting = null;
	}
}
