import { GraftError } from '@graft/domain/error';
import { describe, expect, test } from 'vitest';
import { errorCode, toGraftError } from './database-error.js';

const failure = (code: string, message = 'it failed') => Object.assign(new Error(message), { code });

describe('toGraftError', () => {
	test.each([
		['ECONNREFUSED', 'DATABASE_URL'],
		['08006', 'not reachable'],
		['53100', 'disk is full'],
		['53300', 'max_connections'],
		['57P01', 'shut down'],
		['57P03', 'Try again'],
		['28P01', 'password'],
		['3D000', 'no such database'],
		['25006', 'read-only'],
	])('%s is UNAVAILABLE, and says what to do', (code, advice) => {
		const error = toGraftError(failure(code));
		expect(error).toBeInstanceOf(GraftError);
		expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining(advice), details: { code } });
	});

	test('a connection that broke without a code', () => {
		for (const message of [
			'Connection terminated unexpectedly',
			'Client was closed and is not queryable',
			'timeout expired',
		])
			expect(toGraftError(new Error(message))).toMatchObject({ code: 'UNAVAILABLE' });
	});

	test('a wrong statement and anything unknown stay what they are', () => {
		for (const error of [failure('42601'), failure('23505'), new Error('some bug'), 'text', new GraftError('BUG', 'x')])
			expect(toGraftError(error)).toBe(error);
	});
});

test('the code is found below the wrappers of TypeORM and Node', () => {
	const wrapped = Object.assign(new Error('query failed'), { driverError: failure('23505') });
	expect(errorCode(wrapped)).toBe('23505');
	expect(errorCode(new AggregateError([failure('ECONNREFUSED')]))).toBe('ECONNREFUSED');
	expect(errorCode(new Error('no code'))).toBeNull();
});
