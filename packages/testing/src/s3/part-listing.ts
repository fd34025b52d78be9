import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type S3rver from '@20minutes/s3rver';

/**
 * What s3rver lacks of multi-part uploads, from its own files: ListMultipartUploads, ListParts and AbortMultipartUpload. It
 * checks and lists no checksums, as older servers do not, so that a store must look at the bytes itself.
 */
export function partListing(server: S3rver, bucket: string): S3rver['middleware'][number] {
	const root = () => server.store.getResourcePath(bucket, undefined, 'uploads');
	return async (context, next) => {
		const { method, path: url, query } = context;
		const [, name, ...key] = decodeURIComponent(url).split('/');
		if (name !== bucket) return next();
		const answer = (text: string) => {
			context.status = 200;
			context.type = 'application/xml';
			context.body = `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
		};
		if (method === 'GET' && query.uploads !== undefined) {
			const all = await uploadsIn(root());
			const wanted = all.filter((upload) => upload.key.startsWith(query.prefix ?? ''));
			const items = wanted.map(
				({ id, key, at }) =>
					`<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${at.toISOString()}</Initiated></Upload>`,
			);
			return answer(
				`<ListMultipartUploadsResult>${items.join('')}<IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`,
			);
		}
		if (query.uploadId === undefined || key.length === 0 || (method !== 'GET' && method !== 'DELETE')) return next();
		const folder = path.join(root(), query.uploadId);
		const names = await readdir(folder).catch(() => null);
		if (names === null) {
			context.status = 404;
			context.body = '<Error><Code>NoSuchUpload</Code><Message>There is no such upload.</Message></Error>';
			return;
		}
		if (method === 'DELETE') {
			await rm(folder, { recursive: true });
			context.status = 204;
			return;
		}
		const parts = await Promise.all(
			names
				.filter((file) => /^\d+$/.test(file) && names.includes(`${file}.md5`))
				.sort((one, other) => Number(one) - Number(other))
				.map(async (number) => {
					const { size, mtime } = await stat(path.join(folder, number));
					const md5 = await readFile(path.join(folder, `${number}.md5`), 'utf8');
					return `<Part><PartNumber>${number}</PartNumber><LastModified>${mtime.toISOString()}</LastModified><ETag>&quot;${md5}&quot;</ETag><Size>${size}</Size></Part>`;
				}),
		);
		answer(`<ListPartsResult>${parts.join('')}<IsTruncated>false</IsTruncated></ListPartsResult>`);
	};
}

async function uploadsIn(root: string) {
	const ids = await readdir(root).catch(() => []);
	return Promise.all(
		ids.map(async (id) => {
			const { birthtime } = await stat(path.join(root, id));
			return { id, key: await readFile(path.join(root, id, 'key'), 'utf8'), at: birthtime };
		}),
	);
}
