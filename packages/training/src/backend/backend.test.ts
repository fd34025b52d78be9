import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { selectBackend } from './index.js';

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
