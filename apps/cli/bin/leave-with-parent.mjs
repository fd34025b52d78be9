// Preloaded (`node --import`) into every process that the CLI starts. They live in process groups of their own, so that
// Ctrl-C reaches them only through the CLI and in order; this is how they notice when the CLI was killed: the pipe at
// descriptor 3 closes, and they end as on SIGTERM.
import { fstatSync } from 'node:fs';
import { Socket } from 'node:net';

const PARENT = 3;

function isPipe(descriptor) {
	try {
		const stat = fstatSync(descriptor);
		return stat.isFIFO() || stat.isSocket();
	} catch {
		return false;
	}
}

if (isPipe(PARENT)) {
	const parent = new Socket({ fd: PARENT, readable: true, writable: false });
	parent.on('error', () => undefined);
	parent.on('close', () => process.kill(process.pid, 'SIGTERM'));
	parent.resume();
	parent.unref();
}
