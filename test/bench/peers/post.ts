import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** One HTTP call with a body of JSON, on a connection that stays open; throws with what the server said. */
export function call<T>(method: 'GET' | 'POST', url: string, body?: unknown): Promise<T> {
	const text = body === undefined ? '' : JSON.stringify(body);
	return new Promise((resolve, reject) => {
		const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
		const sent = request(url, { method, agent, headers }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				const answer = Buffer.concat(chunks).toString();
				if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode} ${answer.slice(0, 300)}`));
				else resolve(JSON.parse(answer) as T);
			});
		});
		sent.on('error', reject);
		sent.end(text);
	});
}
