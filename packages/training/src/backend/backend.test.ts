import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { selectBackend } from './index.js';
import { probeNative } from './native.js';

const EVENTS = ['uncaughtException', 'unhandledRejection'] as const;
const listeners = () => EVENTS.map((event) => process.listenerCount(event));

describe('selectBackend', () => {
	// First of all, for the handlers come with the first load.
	it('leaves the handling of errors to the application', async () => {
		const before = listeners();
		await selectBackend('wasm');
		expect(listeners()).toEqual(before);
	});

	it('falls back to WebAssembly and says why', async () => {
		const chosen = await selectBackend('auto');
		expect(chosen.tried.at(-1)).toMatchObject({ name: chosen.name, loaded: true });
		for (const failed of chosen.tried.slice(0, -1)) {
			expect(failed.loaded).toBe(false);
			expect(failed.reason).not.toBe('');
			expect(chosen.reason).toContain(failed.reason);
		}
		expect(chosen.device).not.toBe('');
	});

	it('computes on the one that was asked for', async () => {
		for (const name of ['cpu', 'wasm'] as const) {
			const chosen = await selectBackend(name);
			expect(chosen).toMatchObject({ name, reason: expect.stringContaining('was asked for') });
			expect(tf.getBackend()).toBe(name);
		}
	});
});

describe('a native package', () => {
	it('that is not there is named', async () => {
		expect(await probeNative('@tensorflow/not-there')).toEqual({
			file: null,
			gpu: false,
			reason: '@tensorflow/not-there is not installed',
			noGpu: null,
		});
	});

	it('that does not compute is refused with its own error', async () => {
		const probe = await probeNative('csv-parse');
		expect(probe.file).toBeNull();
		expect(probe.reason).toMatch(/^csv-parse is there but does not work: TypeError: tf.setBackend is not a function/);
	});
});

describe('WebAssembly', () => {
	it('refuses a tensor that its memory has no room for, and goes on', async () => {
		await selectBackend('wasm');
		const kept = tf.tensor([1, 2, 3]);
		expect(() => tf.fill([2 ** 30], 1)).toThrowError(/no room for a tensor of 4294967296 bytes/);
		expect([...kept.dataSync()]).toEqual([1, 2, 3]);
		expect([...tf.add(kept, 1).dataSync()]).toEqual([2, 3, 4]);
	});
});
