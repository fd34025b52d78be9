import { AwsClient } from 'aws4fetch';

/** How files behind addresses are reached from this machine. */
export interface RemoteAccess {
	readonly fetch: typeof fetch;
	/** Null: only buckets that anyone may read. */
	readonly s3: S3Account | null;
	/** The buckets' region and, where they are not Amazon's, their host. */
	readonly region: string;
	readonly endpoint: string | null;
}

export interface S3Account {
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string | undefined;
}

/** Straight to the host, and to what anyone may read. */
export const DIRECT: RemoteAccess = { fetch, s3: null, region: 'us-east-1', endpoint: null };

/** Where a file is fetched, and by what: requests to S3 are signed by AWS' version 4. */
export function resolveRemote(
	uri: string,
	remote: RemoteAccess,
): { readonly url: string; readonly fetch: typeof fetch } {
	if (!uri.startsWith('s3://')) return { url: uri, fetch: remote.fetch };
	const { host: bucket, pathname } = new URL(uri);
	const { region, endpoint, s3 } = remote;
	const host =
		endpoint === null ? `https://${bucket}.s3.${region}.amazonaws.com` : `${endpoint.replace(/\/+$/, '')}/${bucket}`;
	const url = `${host}${pathname}`;
	if (s3 === null) return { url, fetch: remote.fetch };
	const signer = new AwsClient({ ...s3, service: 's3', region });
	const signed: typeof fetch = async (input, init) => {
		const { url: to, headers } = await signer.sign(String(input), { headers: init?.headers as Record<string, string> });
		return remote.fetch(to, { ...init, headers: Object.fromEntries(headers) });
	};
	return { url, fetch: signed };
}
