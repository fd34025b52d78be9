import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packTopics, unpackTopics } from './payload.js';

test('all topics arrive, and no payload is too long for Postgres', () => {
	const topic = fc.stringMatching(/^[a-z]{1,10}:[0-9a-f-]{36}$/);
	fc.assert(
		fc.property(fc.array(topic, { maxLength: 600 }), (topics) => {
			const payloads = packTopics('3f0e', topics);
			expect(payloads.every((payload) => Buffer.byteLength(payload) < 8000)).toBe(true);
			expect(payloads.flatMap((payload) => unpackTopics(payload)?.topics ?? [])).toEqual(topics);
		}),
	);
});
