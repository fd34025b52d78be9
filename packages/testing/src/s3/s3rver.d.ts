declare module '@20minutes/s3rver' {
	import type { IncomingMessage } from 'node:http';

	interface Context {
		readonly method: string;
		readonly path: string;
		readonly query: Readonly<Record<string, string | undefined>>;
		readonly req: IncomingMessage;
		status: number;
		type: string;
		body: string | null;
	}
	type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;

	interface Options {
		readonly address: string;
		readonly port: number;
		readonly silent: boolean;
		readonly directory: string;
		readonly vhostBuckets: boolean;
		readonly configureBuckets: readonly { readonly name: string }[];
	}

	export default class S3rver {
		constructor(options: Options);
		/** Koa's: what runs before what. */
		readonly middleware: Middleware[];
		readonly store: { getResourcePath(bucket: string, key: undefined, resource: string): string };
		run(): Promise<{ readonly port: number }>;
		close(): Promise<void>;
	}
}
