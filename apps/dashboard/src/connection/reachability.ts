import type { ConnectionState } from '@graft/client/browser';

/**
 * What the page knows of the API. `live`: streams are open. `connected`: requests are answered and no stream is needed.
 * `connecting`: nothing is known yet. `offline`: the last request or the socket failed, and it is being tried again.
 */
export type Reachability = 'connecting' | 'connected' | 'live' | 'offline';

export interface ReachabilitySources {
	readonly socket: ConnectionState;
	/** Outcome of the last request; null before the first. */
	readonly answered: boolean | null;
}

/** A failed request counts until one succeeds; a cut socket counts at once, since streams notice first. */
export function reachability({ socket, answered }: ReachabilitySources): Reachability {
	if (socket === 'offline' || answered === false) return 'offline';
	if (socket === 'online') return 'live';
	return answered === null ? 'connecting' : 'connected';
}

/** Holds the sources and tells listeners when the outcome changes. */
export class ReachabilityStore {
	private sources: ReachabilitySources = { socket: 'idle', answered: null };
	private refusal: string | null = null;
	private readonly listeners = new Set<() => void>();

	readonly subscribe = (listener: () => void): (() => void) => {
		this.listeners.add(listener);
		return () => this.listeners.delete(listener);
	};
	readonly state = (): Reachability => reachability(this.sources);
	/** Why the API refused a stream for good; null in the ordinary case. */
	readonly streamRefusal = (): string | null => this.refusal;

	socketBecame(socket: ConnectionState): void {
		// A socket that came back proves that the API answers again.
		this.change({ socket, answered: socket === 'online' ? true : this.sources.answered });
	}

	requestEnded(answered: boolean): void {
		this.change({ ...this.sources, answered });
	}

	streamRefused(message: string): void {
		this.refusal = message;
		for (const listener of this.listeners) listener();
	}

	private change(next: ReachabilitySources): void {
		const before = this.state();
		this.sources = next;
		if (this.state() !== before) for (const listener of this.listeners) listener();
	}
}
