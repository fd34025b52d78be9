import { describe, expect, it, vi } from 'vitest';
import { ReachabilityStore, reachability } from './reachability';

describe('reachability', () => {
	it.each([
		['idle', null, 'connecting'],
		['connecting', null, 'connecting'],
		['idle', true, 'connected'],
		['connecting', true, 'connected'],
		['online', true, 'live'],
		['online', false, 'offline'],
		['offline', true, 'offline'],
		['idle', false, 'offline'],
	] as const)('socket %s, last request %s: %s', (socket, answered, expected) => {
		expect(reachability({ socket, answered })).toBe(expected);
	});
});

describe('ReachabilityStore', () => {
	it('is back as soon as the socket is, without waiting for a request', () => {
		const store = new ReachabilityStore();
		store.requestEnded(false);
		expect(store.state()).toBe('offline');
		store.socketBecame('online');
		expect(store.state()).toBe('live');
	});

	it('tells listeners of changes of the outcome only', () => {
		const store = new ReachabilityStore();
		const listener = vi.fn();
		const leave = store.subscribe(listener);
		store.requestEnded(true);
		store.requestEnded(true);
		expect(listener).toHaveBeenCalledTimes(1);
		leave();
		store.requestEnded(false);
		expect(listener).toHaveBeenCalledTimes(1);
	});
});
