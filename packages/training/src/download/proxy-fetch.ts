import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';

/** Proxies as their usual environment variables name them. */
export interface Proxies {
	readonly httpProxy?: string | undefined;
	readonly httpsProxy?: string | undefined;
	/** Hosts that are reached without one. */
	readonly noProxy?: string | undefined;
}

/** `fetch` by way of the proxies; Node's own goes straight to the host. Empty names mean none. */
export function proxyFetch({ httpProxy = '', httpsProxy = '', noProxy = '' }: Proxies): typeof fetch {
	const dispatcher = new EnvHttpProxyAgent({ httpProxy, httpsProxy, noProxy });
	const through = (url: Parameters<typeof undiciFetch>[0], init: Parameters<typeof undiciFetch>[1]) =>
		undiciFetch(url, { ...init, dispatcher });
	// Two copies of the same interface: undici's own types, and Node's, which were made from them.
	return through as unknown as typeof fetch;
}
