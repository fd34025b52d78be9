import { GraftError } from '@graft/domain/error';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import { AwsClient } from 'aws4fetch';
import { XMLParser } from 'fast-xml-parser';

/** A bucket of Amazon's, or of a server that speaks its protocol. */
export interface S3Bucket {
	readonly bucket: string;
	/** Before every key; empty, or it ends with a slash. */
	readonly prefix: string;
	readonly region: string;
	/** Address of the server; null: Amazon's. Clients must reach it by the same address: it is part of what is signed. */
	readonly endpoint: string | null;
	/** The bucket in the path, as most servers but Amazon's want it, or before the host. */
	readonly pathStyle: boolean;
	readonly account: {
		readonly accessKeyId: string;
		readonly secretAccessKey: string;
		readonly sessionToken: string | undefined;
	};
}

export interface S3Request {
	readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
	readonly key?: string;
	readonly query?: Readonly<Record<string, string>>;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: string | Uint8Array<ArrayBuffer>;
	/** A copy of gigabytes within the store takes minutes. */
	readonly timeoutMs?: number;
}

export interface S3Answer {
	readonly status: number;
	readonly headers: Headers;
	/** Of S3's XML, below the root element; every value is text, what may repeat is a list. Empty where there is none. */
	readonly xml: Readonly<Record<string, unknown>>;
}

export type SignedMethod = 'GET' | 'HEAD' | 'PUT';

export interface S3Requests {
	/** Answers with a status below 300, or 404 or 412, which are facts. @throws GraftError UNAVAILABLE for all others. */
	send(request: S3Request): Promise<S3Answer>;
	/** The body as it comes; null: there is no such object. */
	stream(key: string): Promise<Response | null>;
	/** An address that allows this one request for so long. The headers are signed: the request must carry them. */
	sign(method: SignedMethod, request: Omit<S3Request, 'method' | 'body'>, seconds: number): Promise<string>;
	/** Where it is, in words without secrets. */
	readonly where: string;
}

const TRIES = 4;
const TIMEOUT_MS = 30_000;
const LISTS = new Set(['Part', 'Upload', 'Contents']);
const parser = new XMLParser({ parseTagValue: false, isArray: (name) => LISTS.has(name) });

/** Requests to one bucket, signed by AWS' version 4. What they say of a failure has no address and no signature in it. */
export function s3Requests(place: S3Bucket): S3Requests {
	const { bucket, prefix, region, endpoint, pathStyle, account } = place;
	// Tried again by us, broken connections included.
	const signer = new AwsClient({ ...account, service: 's3', region, retries: 0 });
	const server = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`);
	if (!pathStyle) server.host = `${bucket}.${server.host}`;
	const root = `${server.origin}${server.pathname.replace(/\/$/, '')}${pathStyle ? `/${bucket}` : ''}`;
	const where = `bucket ${bucket} at ${endpoint ?? 'Amazon S3'}`;

	const urlOf = ({ key, query = {} }: Pick<S3Request, 'key' | 'query'>): string => {
		const path = key === undefined ? '' : `/${`${prefix}${key}`.split('/').map(encodeURIComponent).join('/')}`;
		// A plus sign is a space to some servers only.
		const search = new URLSearchParams(query).toString().replaceAll('+', '%20');
		return `${root}${path}${search === '' ? '' : `?${search}`}`;
	};
	const unavailable = (why: string, cause?: unknown, details = {}) =>
		new GraftError('UNAVAILABLE', `The artifact store (${where}) ${why}`, details, { cause });

	async function ask(request: S3Request): Promise<Response> {
		const { method, headers = {}, body, timeoutMs = TIMEOUT_MS } = request;
		for (let attempt = 0; ; attempt += 1) {
			const last = attempt === TRIES - 1;
			try {
				const signed = await signer.sign(urlOf(request), { method, headers, ...(body === undefined ? {} : { body }) });
				const response = await fetch(signed, { signal: AbortSignal.timeout(timeoutMs) });
				if (last || (response.status < 500 && response.status !== 429)) return response;
				await response.arrayBuffer();
			} catch (error) {
				if (last) throw unavailable(`does not answer: ${causeText(error)}`, error);
			}
			await sleep(backoffMs(attempt, { baseMs: 200, maxMs: 2_000 }));
		}
	}

	async function refused(response: Response): Promise<GraftError> {
		const { Code: code = '', Message: message = '' } = parse(await response.text().catch(() => ''));
		const told = `answered ${response.status}${code === '' ? '' : ` (${code}: ${message})`}`;
		return unavailable(told, undefined, { status: response.status, code });
	}

	return {
		where,
		send: async (request) => {
			const response = await ask(request);
			const { status, headers } = response;
			if (status >= 300 && status !== 404 && status !== 412) throw await refused(response);
			const text = await response.text();
			const xml = parse(text);
			// A copy or completion that fails after its head went out says so in its body.
			if (status < 300 && text.includes('<Error>'))
				throw unavailable(`answered with an error (${xml.Code}: ${xml.Message})`, undefined, { code: xml.Code });
			return { status, headers, xml };
		},
		stream: async (key) => {
			const response = await ask({ method: 'GET', key, timeoutMs: 15 * 60_000 });
			if (response.status === 404) return null;
			if (response.status >= 300) throw await refused(response);
			return response;
		},
		sign: async (method, request, seconds) => {
			const query = { ...request.query, 'X-Amz-Expires': String(seconds) };
			const headers = request.headers ?? {};
			const signed = await signer.sign(urlOf({ ...request, query }), { method, headers, aws: { signQuery: true } });
			return signed.url;
		},
	};
}

/** What stands below the root element. */
function parse(text: string): Record<string, string> {
	if (!text.trimStart().startsWith('<')) return {};
	const { '?xml': _, ...document } = parser.parse(text) as Record<string, unknown>;
	const [root] = Object.values(document);
	return typeof root === 'object' && root !== null ? (root as Record<string, string>) : {};
}

/** The innermost cause in words: `fetch failed` alone tells a person nothing. */
function causeText(error: unknown): string {
	let inner = error;
	while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
	if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
	return inner instanceof Error ? inner.message || inner.name : String(inner);
}
