import { GraftError } from '@graft/domain/error';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@graft/domain/protocol';
import { deadline } from './deadline.js';
import { causeText, type GraphQLFailure, refused, unavailable } from './failure.js';
import type { TypedDocument } from './typed-document.js';

/** An answer takes milliseconds; a silent half minute is a dead peer, and the caller may try again. */
export const REQUEST_TIMEOUT_MS = 30_000;

export interface RequestOptions {
	readonly signal?: AbortSignal;
	readonly timeoutMs?: number;
}

/**
 * Sends one query or mutation.
 * @throws GraftError UNAVAILABLE on a network failure, CONFIGURATION or BUG for errors in the answer; an abort of
 * the caller's own signal throws the signal's reason.
 */
export async function requestOverHttp<Result, Variables>(
	url: string,
	document: TypedDocument<Result, Variables>,
	variables: Variables,
	{ signal, timeoutMs = REQUEST_TIMEOUT_MS }: RequestOptions = {},
): Promise<Result> {
	const limit = deadline(timeoutMs, signal);
	let status: number;
	let text: string;
	try {
		const response = await fetch(url, {
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				accept: 'application/graphql-response+json, application/json',
				[PROTOCOL_HEADER]: String(PROTOCOL_VERSION),
			},
			body: JSON.stringify({ query: document.toString(), variables }),
			signal: limit.signal,
		});
		status = response.status;
		text = await response.text();
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		throw unavailable(url, limit.isOver() ? `no answer within ${timeoutMs / 1000} s` : causeText(error), error);
	} finally {
		limit.clear();
	}
	return readAnswer(url, status, text) as Result;
}

function readAnswer(url: string, status: number, text: string): unknown {
	let body: { data?: unknown; errors?: readonly GraphQLFailure[] };
	try {
		body = JSON.parse(text);
	} catch (error) {
		const seen = `status ${status}, ${JSON.stringify(text.slice(0, 80))}`;
		if (status >= 500) throw unavailable(url, seen, error);
		throw new GraftError('CONFIGURATION', `${url} did not answer as a Graft API does: ${seen}.`, { url, status });
	}
	if (body.errors?.length) throw refused(url, body.errors);
	if (body.data === undefined || body.data === null) {
		throw new GraftError('CONFIGURATION', `${url} did not answer as a Graft API does: status ${status}, no data.`);
	}
	return body.data;
}
