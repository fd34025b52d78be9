import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGraftClient, type GraftClient } from '@graft/client/node';

/** A request that came in: the operation's name and variables, or `PUT` of an artifact. */
export interface Asked {
	readonly operation: string;
	readonly variables: Readonly<Record<string, unknown>>;
}
export type Answers = Readonly<Record<string, (variables: Asked['variables']) => unknown>>;

export interface LocalApi {
	readonly client: GraftClient;
	readonly asked: Asked[];
	/** The bytes that were stored, and that are given out, by the name in the address. */
	readonly files: Map<string, Uint8Array>;
	/** Names of the operations that came in, in order. */
	operations(): string[];
	close(): Promise<void>;
}

/** The announced file has one part. */
export const begun = ({ digest, bytes }: { readonly digest: string; readonly bytes: number }) => ({
	__typename: 'ArtifactBegun',
	parts: [{ number: 1, offset: 0, bytes, url: `/artifacts/${digest}`, headers: [] }],
});

/** What an API says to a trainer whose run goes well. */
const WELL: Answers = {
	RenewLease: () => ({
		renewLease: { __typename: 'LeaseRenewed', expiresAt: '', cancelRequested: false, pauseRequested: false },
	}),
	LogMetrics: () => ({ logMetrics: { __typename: 'MetricsLogged', sequence: 1, duplicate: false } }),
	LogLines: () => ({ logLines: { __typename: 'LinesLogged', sequence: 1, duplicate: false } }),
	RecordEvent: () => ({ recordEvent: { __typename: 'EventRecorded' } }),
	BeginArtifact: ({ input }) => ({ beginArtifact: begun(input as { digest: string; bytes: number }) }),
	FinishUpload: () => ({ finishUpload: { __typename: 'UploadFinished' } }),
	CommitArtifact: () => ({
		commitArtifact: { __typename: 'ArtifactCommitted', artifact: { id: '1', digest: '' } },
	}),
	FinishRun: () => ({ finishRun: { __typename: 'RunFinished', run: { id: 'run-1', status: 'SUCCEEDED' } } }),
	ReleaseRun: () => ({ releaseRun: { __typename: 'RunReleased', run: { id: 'run-1', status: 'QUEUED' } } }),
};

/** The trainer's side of the API over real HTTP, with answers by operation; `null` breaks the connection, an Error is one that nobody foresaw. */
export async function localApi(answers: Answers = {}): Promise<LocalApi> {
	const asked: Asked[] = [];
	const files = new Map<string, Uint8Array>();
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk) => chunks.push(chunk));
		request.on('end', () => {
			const name = request.url?.split('/').at(-1) ?? '';
			if (request.method === 'PUT') {
				asked.push({ operation: 'PUT', variables: { bytes: Buffer.concat(chunks).length } });
				files.set(name, new Uint8Array(Buffer.concat(chunks)));
				response.writeHead(204).end();
				return;
			}
			if (request.method === 'GET') {
				asked.push({ operation: 'GET', variables: {} });
				response.writeHead(files.has(name) ? 200 : 404).end(files.get(name));
				return;
			}
			const { query, variables } = JSON.parse(String(Buffer.concat(chunks)));
			const operation = /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '';
			asked.push({ operation, variables });
			const data = { ...WELL, ...answers }[operation]?.(variables) ?? null;
			if (data === null) request.socket.destroy();
			else if (data instanceof Error) {
				const errors = [{ message: data.message, extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
				response.end(JSON.stringify({ errors }));
			} else response.end(JSON.stringify({ data }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		client: createGraftClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
		asked,
		files,
		operations: () => asked.map(({ operation }) => operation),
		close: async () => {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
