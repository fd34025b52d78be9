import { pipeline } from 'node:stream/promises';
import { GraftError } from '@graft/domain/error';
import type { DirectArtifactStore } from '@graft/engine';
import { newId } from '@graft/runtime/id';
import type { Logger } from '@graft/runtime/logger';
import { type Request, type Response, Router } from 'express';

/** `PUT /artifacts/<sha256>` with the ticket that beginArtifact gave; `GET /artifacts/<sha256>?name=…`. */
export function artifactRoutes(store: DirectArtifactStore, logger: Logger): Router {
	const router = Router();

	router.put('/:digest', async (request: Request<{ digest: string }>, response) => {
		const query = (name: string): string => (typeof request.query[name] === 'string' ? request.query[name] : '');
		const file = store.admit({
			digest: request.params.digest,
			bytes: query('bytes'),
			expires: query('expires'),
			signature: query('signature'),
		});
		if (file === null)
			return refuse(response, 403, 'This upload address is not valid, or no longer. Ask for a new one.');
		const length = Number(request.headers['content-length'] ?? file.bytes);
		if (length !== file.bytes) {
			return refuse(response, 400, `The announced file has ${file.bytes} bytes, and this body has ${length}.`);
		}
		try {
			await store.put(file, request);
			response.status(204).end();
		} catch (error) {
			if (request.destroyed && !request.complete) return; // The client went away; nothing was kept.
			if (!(error instanceof GraftError)) throw error;
			logger.warn({ err: error, digest: file.digest }, 'an upload was refused');
			refuse(response, error.code === 'DATA' ? 422 : 507, error.message);
		}
	});

	router.get('/:digest', async (request: Request<{ digest: string }>, response) => {
		const { digest } = request.params;
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
		const name = typeof request.query.name === 'string' && request.query.name !== '' ? request.query.name : digest;
		response.attachment(name).type('application/octet-stream').set('Content-Length', String(found));
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

/** In words and not as JSON, because the client of a file shows what it gets. The connection ends: the body is unread. */
function refuse(response: Response, status: number, message: string): void {
	response.status(status).set('Connection', 'close').type('text').send(`${message}\n`);
}
