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
			s3: null,
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
		['GRAFT_S3_ENDPOINT', 's3:9000', /GRAFT_S3_ENDPOINT: expected an address/],
		['GRAFT_S3_PREFIX', '/a b', /GRAFT_S3_PREFIX: expected the beginning/],
		['GRAFT_REDIS_URL', 'http://localhost', /GRAFT_REDIS_URL: expected an address such as redis:/],
	])('names %s=%s', (name, value, message) => {
		expect(() => readEnv({ [name]: value })).toThrow(message);
	});
	it('reads where a bucket is, and needs to know as whom to ask', () => {
		const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
		expect(readEnv({ GRAFT_S3_BUCKET: 'b', ...keys }).s3).toEqual({
			...{ bucket: 'b', prefix: '', region: 'us-east-1', endpoint: null, pathStyle: false },
			account: { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: undefined },
		});
		const own = { GRAFT_S3_ENDPOINT: 'http://s3:9000', GRAFT_S3_PREFIX: 'team/graft', AWS_REGION: 'eu-1' };
		expect(readEnv({ GRAFT_S3_BUCKET: 'b', ...keys, ...own }).s3).toMatchObject({
			...{ prefix: 'team/graft/', region: 'eu-1', endpoint: 'http://s3:9000', pathStyle: true },
		});
		const half = () => readEnv({ GRAFT_S3_BUCKET: 'b', AWS_SECRET_ACCESS_KEY: 'secret' });
		expect(half).toThrow(/set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too/);
	});
	it('never repeats a database address, which holds a password', () => {
		const wrong = () => readEnv({ DATABASE_URL: 'mysql://graft:secret@host/graft' });
		expect(wrong).toThrow(/DATABASE_URL: expected an address such as postgres:/);
		expect(wrong).not.toThrow(/secret/);
	});
});
