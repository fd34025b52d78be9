import { readFileSync } from 'node:fs';
import { WebSocket } from 'ws';

/** Memory of a process that is really there, in megabytes. Linux only. */
export function residentMegabytes(pid: number): number {
	const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/) ?? [];
	return Number(kilobytes) / 1024;
}

/** What of a Node process' memory is alive, in megabytes: its heap and its buffers after a collection. */
export interface LiveMemory {
	megabytes(): Promise<number>;
	close(): void;
}

/** Asks the inspector of a process that was started with `--inspect` on this port. @throws Error where none answers. */
export async function openLiveMemory(port: number): Promise<LiveMemory> {
	const targets: { webSocketDebuggerUrl: string }[] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
	const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
	await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
	const waiting = new Map<number, (result: Answer) => void>();
	socket.on('message', (text) => {
		const { id, result }: { id: number; result: Answer } = JSON.parse(String(text));
		waiting.get(id)?.(result);
		waiting.delete(id);
	});
	let asked = 0;
	const ask = (method: string, params: object = {}) =>
		new Promise<Answer>((resolve) => {
			asked += 1;
			waiting.set(asked, resolve);
			socket.send(JSON.stringify({ id: asked, method, params }));
		});
	return {
		async megabytes() {
			await ask('HeapProfiler.collectGarbage');
			const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())';
			const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true });
			return Number(result?.value) / 1e6;
		},
		close: () => socket.close(),
	};
}

interface Answer {
	readonly result?: { readonly value: number };
}
