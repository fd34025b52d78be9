import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnv } from './env.js';

describe('readEnv', () => {
	it('needs nothing', () => {
		expect(readEnv({})).toEqual({
			host: '127.0.0.1',
			port: 4620,
			databaseUrl: null,
			redisUrl: null,
			dataDir: path.resolve('.graft'),
			publicUrl: null,
			dashboardOrigins: ['http://127.0.0.1:4621', 'http://localhost:4621'],
			trashDays: 7,
			orphanSeconds: 3600,
			logLevel: 'info',
		});
	});
	it('reads a list of origins', () => {
		const { dashboardOrigins } = readEnv({ GRAFT_DASHBOARD_ORIGINS: 'http://a.test/, https://b.test:8443' });
		expect(dashboardOrigins).toEqual(['http://a.test', 'https://b.test:8443']);
	});
	it.each([
		['GRAFT_PORT', 'http', /GRAFT_PORT: expected a port/],
		['GRAFT_PORT', '70000', /GRAFT_PORT/],
		['GRAFT_PUBLIC_URL', 'graft.example.com', /GRAFT_PUBLIC_URL: expected an address/],
		['GRAFT_DASHBOARD_ORIGINS', '*', /GRAFT_DASHBOARD_ORIGINS.*expected an origin/],
		['GRAFT_LOG_LEVEL', 'loud', /GRAFT_LOG_LEVEL/],
		['GRAFT_REDIS_URL', 'http://localhost', /GRAFT_REDIS_URL: expected an address such as redis:/],
	])('names %s=%s', (name, value, message) => {
		expect(() => readEnv({ [name]: value })).toThrow(message);
	});
	it('never repeats a database address, which holds a password', () => {
		const wrong = () => readEnv({ DATABASE_URL: 'mysql://graft:secret@host/graft' });
		expect(wrong).toThrow(/DATABASE_URL: expected an address such as postgres:/);
		expect(wrong).not.toThrow(/secret/);
	});
});
