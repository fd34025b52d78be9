import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

export interface AddressRules {
	/** What the server binds to. */
	readonly host: string;
	/** Where clients reach it, when that is not where it listens: behind a proxy with TLS, say. */
	readonly publicUrl: string | null;
	/** Origins of the dashboards that may call from a browser. */
	readonly dashboardOrigins: readonly string[];
}

const hostOf = (authority: string): string | null => {
	try {
		return new URL(`http://${authority}`).hostname;
	} catch {
		return null;
	}
};

export function isLoopback(host: string): boolean {
	return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * On loopback, a name that is not ours in the Host header means that a page somewhere made its own name resolve to this
 * machine (DNS rebinding) and now counts as the same origin. Bound elsewhere, any name may be ours.
 */
export function isHostAllowed(host: string | undefined, rules: AddressRules): boolean {
	if (!isLoopback(rules.host)) return true;
	const name = host === undefined ? null : hostOf(host);
	if (name === null) return false;
	if (isLoopback(name.replace(/^\[|\]$/g, '')) || name.endsWith('.localhost')) return true;
	return rules.publicUrl !== null && new URL(rules.publicUrl).hostname === name;
}

/**
 * A browser sends Origin with a WebSocket and asks nobody, so that the server has to check. Clients that are no browser
 * send none.
 */
export function isOriginAllowed(origin: string | undefined, host: string | undefined, rules: AddressRules): boolean {
	if (origin === undefined || rules.dashboardOrigins.includes(origin)) return true;
	try {
		return new URL(origin).host === host;
	} catch {
		return false;
	}
}

/** What a socket has to satisfy to be opened, and to stay open. */
export function mayConnect({ headers: { host, origin } }: IncomingMessage, rules: AddressRules): boolean {
	return isHostAllowed(host, rules) && isOriginAllowed(origin, host, rules);
}

/** Where this client reaches us: the address that it used itself, unless we are told a public one. */
export function baseUrlFor(request: IncomingMessage, rules: AddressRules): string {
	return (rules.publicUrl ?? `http://${request.headers.host}`).replace(/\/$/, '');
}
