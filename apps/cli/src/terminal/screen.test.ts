import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createScreen } from './screen.js';

/** A stream that keeps what was written, as a file or as a terminal of 80 columns. */
function recorder(isTTY: boolean) {
	const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 });
	let text = '';
	stream.on('data', (chunk) => {
		text += String(chunk);
	});
	return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe('createScreen', () => {
	it('writes a line now and then where there is no terminal, and none twice', async () => {
		const { stream, text } = recorder(false);
		const screen = createScreen(stream, 5);
		let done = 0;
		screen.show({ picture: () => 'picture', line: () => `${done} done` });
		await new Promise((resolve) => setTimeout(resolve, 30));
		screen.say('trainer-1 is up again.');
		done = 1;
		screen.rest();
		screen.rest();
		expect(text()).toBe('0 done\ntrainer-1 is up again.\n1 done\n');
	});

	it('keeps one picture on a terminal, with lines above it that stay', () => {
		const { stream, text } = recorder(true);
		const screen = createScreen(stream);
		let epoch = 1;
		screen.show({ picture: () => `epoch ${epoch}`, line: () => 'line' });
		screen.say('trainer-1 is up again.');
		epoch = 2;
		screen.rest();
		expect(text()).toContain('trainer-1 is up again.\n');
		expect(text()).toContain('epoch 2');
		expect(text()).not.toContain('line');
	});
});
