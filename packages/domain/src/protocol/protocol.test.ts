import { expect, it } from 'vitest';
import { OLDEST_CLIENT, PROTOCOL_VERSION, refuseProtocol } from './index.js';

it('serves every version that it understands, and scripts that say none', () => {
	for (let version = OLDEST_CLIENT; version <= PROTOCOL_VERSION; version++)
		expect(refuseProtocol(String(version))).toBeNull();
	expect(refuseProtocol(undefined)).toBeNull();
});

it('tells an older and a newer client which of the two is to be updated', () => {
	expect(refuseProtocol(OLDEST_CLIENT - 1)).toMatchObject({ code: 'CLIENT_TOO_OLD' });
	expect(refuseProtocol(OLDEST_CLIENT - 1)?.message).toMatch(/Update Graft where the client runs/);
	expect(refuseProtocol(PROTOCOL_VERSION + 1)).toMatchObject({ code: 'API_TOO_OLD' });
	expect(refuseProtocol('old')).toMatchObject({ code: 'BAD_REQUEST' });
});
