'use client';

import { createGraftClient, type GraftClient, isUnavailable } from '@graft/client/browser';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useState } from 'react';
import { ReachabilityStore } from './reachability';

export interface Graft {
	readonly apiUrl: string;
	/** Made on first use, since the server that renders the page has no WebSocket and needs none. */
	readonly client: () => GraftClient;
	readonly reach: ReachabilityStore;
}

const GraftContext = createContext<Graft | null>(null);

export function useGraft(): Graft {
	const graft = useContext(GraftContext);
	if (graft === null) throw new Error('useGraft is used outside of GraftProvider');
	return graft;
}

/** Tries again for as long as the API is away, at most every 4 s: the page heals by itself. */
function createQueries(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				networkMode: 'always',
				staleTime: 5_000,
				refetchOnWindowFocus: true,
				retry: (_count, error) => isUnavailable(error),
				retryDelay: (count) => Math.min(4_000, 500 * 2 ** count),
			},
			mutations: { networkMode: 'always' },
		},
	});
}

function createGraft(apiUrl: string, queries: QueryClient): Graft {
	const reach = new ReachabilityStore();
	let client: GraftClient | null = null;
	let cut = false;
	return {
		apiUrl,
		reach,
		client() {
			client ??= createGraftClient({
				url: apiUrl,
				onConnectionChange(state) {
					reach.socketBecame(state);
					// Streams go on from their cursors; what came by request while the API was away is asked for again.
					if (state === 'online' && cut) void queries.invalidateQueries();
					cut = state === 'offline' || (cut && state !== 'online');
				},
			});
			return client;
		},
	};
}

export function GraftProvider({ apiUrl, children }: { readonly apiUrl: string; readonly children: ReactNode }) {
	const [queries] = useState(createQueries);
	const [graft] = useState(() => createGraft(apiUrl, queries));
	return (
		<QueryClientProvider client={queries}>
			<GraftContext.Provider value={graft}>{children}</GraftContext.Provider>
		</QueryClientProvider>
	);
}
