import { finished, pipeline } from 'node:stream/promises';
import { GraftError } from '@graft/domain/error';
import type { DirectArtifactStore, ServedArtifactStore } from '@graft/engine';
import { newId } from '@graft/runtime/id';
import type { Logger } from '@graft/runtime/logger';
import { type Request, type Response, Router } from 'express';

/**
 * `PUT /artifacts/<sha256>` and `PUT /artifacts/<sha256>/parts/<n>` with the ticket that beginArtifact gave;
 * `GET /artifacts/<sha256>?name=…`. Of a store outside this process no bytes come or go here: a GET is sent on to it.
 */
export function artifactRoutes(store: ServedArtifactStore, logger: Logger): Router {
	const router = Router();
	const upload =
		store.kind === 'direct'
			? takeUpload(store, logger)
			: (request: Request, response: Response) =>
					refuseUpload(
						request,
						response,
						403,
						'Bytes go straight to the object store: PUT them to the addresses of beginUpload.',
					);
	router.put('/:digest', upload);
	router.put('/:digest/parts/:part', upload);

	router.get('/:digest', async (request: Request, response) => {
		const digest = String(request.params.digest);
		const tag = `"${digest}"`;
		// The name of a file is its content: once fetched it never changes.
		response.set({ ETag: tag, 'Cache-Control': 'public, max-age=31536000, immutable' });
		const found = await store.size(digest);
		if (found === null) {
			response.removeHeader('ETag');
			response.set('Cache-Control', 'no-store');
			return refuse(response, 404, 'The artifact store has no such file.');
		}
		if (request.headers['if-none-match'] === tag) return void response.status(304).end();
		const name = queryOf(request, 'name') || digest;
		response.attachment(name).type('application/octet-stream');
		if (store.kind === 'remote') {
			const disposition = String(response.get('Content-Disposition'));
			const url = await store.downloadUrl(digest, disposition, request.method === 'HEAD' ? 'HEAD' : 'GET');
			// The address expires, and whoever has it may read: it is nobody's to keep.
			for (const name of ['Content-Disposition', 'ETag']) response.removeHeader(name);
			return void response.set('Cache-Control', 'no-store').status(302).set('Location', url).end();
		}
		response.set('Content-Length', String(found));
		if (request.method === 'HEAD') return void response.end();
		const opened = await store.open(digest);
		if (opened === null) throw new Error(`artifact ${digest} went away while it was asked for`);
		try {
			await pipeline(opened.stream, response);
		} catch (error) {
			// The head has gone out: cutting the connection is the only way left to say that the file is not whole.
			if (!response.destroyed) response.destroy();
			logger.debug({ err: error, digest, errorId: newId() }, 'a download ended early');
		}
	});

	return router;
}

function takeUpload(store: DirectArtifactStore, logger: Logger) {
	return async (request: Request, response: Response) => {
		const [digest, part] = [String(request.params.digest), String(request.params.part ?? '')];
		const [bytes, sha256] = [queryOf(request, 'bytes'), queryOf(request, 'sha256')];
		const [expires, signature] = [queryOf(request, 'expires'), queryOf(request, 'signature')];
		const admitted = store.admit({ digest, bytes, part, sha256, expires, signature });
		if (admitted === null)
			return refuseUpload(request, response, 403, 'This upload address is not valid, or no longer. Ask for a new one.');
		const wanted = admitted.part?.bytes ?? admitted.file.bytes;
		const length = Number(request.headers['content-length'] ?? wanted);
		if (length !== wanted) {
			const what = admitted.part === null ? 'file' : 'part';
			const message = `The announced ${what} has ${wanted} bytes, and this body has ${length}.`;
			return refuseUpload(request, response, 400, message);
		}
		try {
			// A store that stops reading must not take the connection with it: the answer still has to go out.
			await store.receive(admitted, request.iterator({ destroyOnReturn: false }));
			response.status(204).end();
		} catch (error) {
			if (request.destroyed && !request.complete) return; // The client went away; nothing was kept.
			if (!(error instanceof GraftError)) throw error;
			logger.warn({ err: error, digest, part }, 'an upload was refused');
			await refuseUpload(request, response, error.code === 'DATA' ? 422 : 507, error.message);
		}
	};
}

function queryOf({ query }: Request, name: string): string {
	const value = query[name];
	return typeof value === 'string' ? value : '';
}

/** In words and not as JSON, because the client of a file shows what it gets. */
function refuse(response: Response, status: number, message: string): void {
	response.status(status).type('text').send(`${message}\n`);
}

/** What the rest of a refused body may take; a part of 8 MiB comes within seconds. */
const DRAIN_MS = 5_000;

/**
 * The answer goes out at once and the connection ends, but not before the client has sent the rest, or has seen the answer
 * and left: bytes that nobody reads would hold up a client that sends first and listens then, and a connection that is closed
 * over them is reset, and the answer lost with it.
 */
async function refuseUpload(request: Request, response: Response, status: number, message: string): Promise<void> {
	const text = `${message}\n`;
	response
		.status(status)
		.type('text')
		.set('Connection', 'close')
		.set('Content-Length', `${Buffer.byteLength(text)}`);
	response.write(text);
	const late = AbortSignal.timeout(DRAIN_MS);
	await finished(request.resume(), { signal: late, writable: false }).catch(() => undefined);
	response.end();
}
