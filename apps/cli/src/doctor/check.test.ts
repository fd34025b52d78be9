import { describe, expect, it } from 'vitest';
import { judgeBackends } from './check-backends.js';
import { checkDisk, checkNode } from './check-machine.js';

describe('doctor', () => {
	it.each([
		['20.18.9', 'fail'],
		['20.19.0', 'ok'],
		['22.1.0', 'ok'],
		['18.20.0', 'fail'],
	])('Node %s: %s', (version, state) => {
		expect(checkNode(version).state).toBe(state);
	});

	it('is content with one back end that works and says why the others do not', () => {
		const findings = judgeBackends([
			{ name: 'tensorflow-gpu', loaded: false, reason: 'not installed' },
			{ name: 'wasm', loaded: true, reason: 'SIMD' },
			{ name: 'cpu', loaded: true, reason: 'slow' },
		]);
		expect(findings.map(({ state }) => state)).toEqual(['note', 'ok']);
		expect(findings[0]?.says).toContain('not installed');
	});

	it('does not count plain JavaScript as a back end', () => {
		const findings = judgeBackends([{ name: 'cpu', loaded: true, reason: 'slow' }]);
		expect(findings.at(-1)).toMatchObject({ state: 'fail' });
	});

	it('looks at the disk of a folder that does not exist yet', async () => {
		expect((await checkDisk('/tmp/graft-does-not-exist/deep')).says).toContain('GB free');
	});
});
