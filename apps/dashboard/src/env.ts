import 'server-only';

/** Where the browser reaches the API when nothing else is said: the port that `graft up` uses. */
const DEFAULT_API_URL = 'http://127.0.0.1:4620';

/** Read for each request, not at build time: one build serves any API. */
export function apiUrl(): string {
	const url = process.env.GRAFT_API_URL?.trim() || DEFAULT_API_URL;
	if (!URL.canParse(url))
		throw new Error(`GRAFT_API_URL is not an address: ${JSON.stringify(url)}. Example: ${DEFAULT_API_URL}`);
	return url.replace(/\/+$/, '');
}
