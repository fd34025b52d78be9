import { GraftError } from '@graft/domain/error';

/** Where the API's three doors are, from the one address that a user gives. */
export interface ApiAddress {
	/** Without a trailing slash, such as `http://127.0.0.1:4620`. */
	readonly base: string;
	readonly graphql: string;
	readonly webSocket: string;
}

/** @throws GraftError CONFIGURATION where the text is no http(s) address. */
export function apiAddress(text: string): ApiAddress {
	const parsed = URL.canParse(text) ? new URL(text) : null;
	if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
		throw new GraftError('CONFIGURATION', `"${text}" is not an address of a Graft API, such as http://127.0.0.1:4620.`);
	}
	const base = `${parsed.origin}${parsed.pathname.replace(/\/(graphql\/?)?$/, '')}`;
	return { base, graphql: `${base}/graphql`, webSocket: `${base.replace(/^http/, 'ws')}/graphql` };
}
