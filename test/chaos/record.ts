import { createHash } from 'node:crypto';
import { decodeList, type WireList } from '@graft/client/node';

/** What the API has acknowledged, as seen on the wire: the oracle's word against the database's. */
export interface Acknowledged {
	readonly runId: string;
	readonly tokenHash: string;
	readonly sequence: number;
	readonly key: string;
	readonly steps: Float64Array;
	readonly values: Float64Array;
	/** When the request that was stored left for the API (epoch ms); null where each answer said that it was stored before. */
	storedFrom: number | null;
}

export interface WireRecord {
	/** Takes note of one request and its answer. */
	note(request: unknown, answer: unknown, sentAt: number): void;
	readonly acknowledged: ReadonlyMap<string, Acknowledged>;
	readonly finished: ReadonlyMap<
		string,
		{ readonly runId: string; readonly tokenHash: string; readonly outcome: string }
	>;
	requests: number;
}

interface Request {
	readonly query?: string;
	readonly variables?: {
		readonly input?: {
			readonly lease?: { readonly runId: string; readonly token: string };
			readonly sequence?: number;
			readonly outcome?: string;
			readonly series?: readonly { readonly key: string; readonly steps: WireList; readonly values: WireList }[];
		};
	};
}

export function createRecord(): WireRecord {
	const acknowledged = new Map<string, Acknowledged>();
	const finished = new Map<string, { runId: string; tokenHash: string; outcome: string }>();
	return {
		acknowledged,
		finished,
		requests: 0,
		note(request, answer, sentAt) {
			const input = (request as Request).variables?.input;
			const data = (answer as { data?: Record<string, { __typename?: string; duplicate?: boolean } | undefined> })
				?.data;
			if (input?.lease === undefined || data == null) return;
			const { runId, token } = input.lease;
			const tokenHash = createHash('sha256').update(token).digest('hex');
			if (data.finishRun?.__typename === 'RunFinished')
				finished.set(`${runId} ${tokenHash}`, { runId, tokenHash, outcome: input.outcome ?? '' });
			if (data.logMetrics?.__typename !== 'MetricsLogged') return;
			for (const { key, steps, values } of input.series ?? []) {
				const id = `${runId} ${tokenHash} ${input.sequence} ${key}`;
				const storedFrom = data.logMetrics.duplicate === true ? null : sentAt;
				const known = acknowledged.get(id);
				if (known !== undefined) known.storedFrom ??= storedFrom;
				else
					acknowledged.set(id, {
						...{ runId, tokenHash, key, storedFrom },
						sequence: input.sequence ?? 0,
						steps: decodeList(steps),
						values: decodeList(values),
					});
			}
		},
	};
}
