import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { BeginUploadDocument } from '@graft/client/gql';
import { createGraftClient, downloadArtifact, type GraftClient, uploadStoredFile } from '@graft/client/node';
import { startDurableServer } from '@graft/testing/server';
import { type ApiProcess, startApi } from '../support/api-process.js';
import { residentMegabytes } from '../support/memory.js';
import { root } from '../support/process.js';
import { atMost, type Benchmark, type Figure, reported } from './figure.js';

const MEGABYTES = 500;

interface Source {
	readonly file: string;
	readonly digest: string;
}

/** A large checkpoint into each kind of store and out again, beside the plainest way of moving the same bytes. */
export const artifacts: Benchmark = {
	name: 'artifacts',
	about: 'a checkpoint of 500 MB to the disk and to S3 and back, beside a plain copy and a plain PUT',
	async run(log) {
		const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-artifacts-'));
		const server = await startDurableServer(path.join(folder, 'database'));
		const s3 = await startBucket();
		try {
			log('writing two files of random bytes');
			const [own, plain] = [await writeFile(folder, 'own'), await writeFile(folder, 'plain')];
			const copySeconds = await seconds(() => copySynced(own.file, path.join(folder, 'copy')));
			const figures: Figure[] = [reported('plain copy of the file, synced', MEGABYTES / copySeconds, 'MB/s')];
			for (const [name, env] of [
				['local', {}],
				['S3', s3.env],
			] as const) {
				const api = await startApi({ databaseUrl: server.url, dataDir: path.join(folder, name), env });
				try {
					figures.push(...(await measure(name, api, own, plain, log)));
				} finally {
					await api.stop();
				}
			}
			return figures;
		} finally {
			s3.stop();
			await server.stop();
			rmSync(folder, { recursive: true, force: true });
		}
	},
};

async function measure(name: string, api: ApiProcess, own: Source, plain: Source, log: (line: string) => void) {
	const client = createGraftClient({ url: api.url });
	const before = residentMegabytes(api.pid);
	let most = before;
	const timer = setInterval(() => {
		most = Math.max(most, residentMegabytes(api.pid));
	}, 50);
	try {
		log(`${name}: one plain PUT`);
		const put = await seconds(() => plainPut(client, plain));
		log(`${name}: parts`);
		let lastSent = 0;
		const began = performance.now();
		const onSent = () => {
			lastSent = (performance.now() - began) / 1000;
		};
		const upload = await seconds(() => uploadStoredFile(client, { ...own, onSent }));
		log(`${name}: download`);
		const get = await seconds(async () => {
			const response = await fetch(`${client.url}/artifacts/${own.digest}`);
			for await (const _ of response.body ?? []);
		});
		const download = await seconds(() => downloadArtifact(client, own.digest));
		return [
			reported(`${name}: one plain PUT, unchecked with S3`, MEGABYTES / put, 'MB/s'),
			reported(`${name}: upload in parts, hashed and checked`, MEGABYTES / upload, 'MB/s'),
			reported(`${name}: of that, the check at the end`, upload - lastSent, 's'),
			reported(`${name}: upload by the plain PUT`, upload / put, 'x'),
			reported(`${name}: one plain GET`, MEGABYTES / get, 'MB/s'),
			reported(`${name}: download, checked`, MEGABYTES / download, 'MB/s'),
			atMost(`${name}: the API's memory grew by`, most - before, 'MB', 128),
		];
	} finally {
		clearInterval(timer);
		await client.close();
	}
}

/** The whole file by one request, as `curl -T` sends it. */
async function plainPut(client: GraftClient, { file, digest }: Source): Promise<void> {
	const bytes = MEGABYTES * 1e6;
	const { beginUpload } = await client.request(BeginUploadDocument, { input: { digest, bytes } });
	const [part] = (beginUpload.__typename === 'UploadBegun' ? beginUpload.parts : null) ?? [];
	if (part === undefined) throw new Error(`no address for the file: ${JSON.stringify(beginUpload)}`);
	const handle = await open(file);
	const headers = Object.fromEntries(part.headers.map(({ name, value }) => [name, value]));
	const response = await fetch(part.url, {
		method: 'PUT',
		// Node's fetch takes anything that can be iterated; the types are those of browsers.
		body: handle.createReadStream({ highWaterMark: 1 << 20 }) as unknown as BodyInit,
		headers: { ...headers, 'content-length': String(bytes) },
		...{ duplex: 'half' },
	});
	if (!response.ok) throw new Error(`the store answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
}

async function writeFile(folder: string, name: string): Promise<Source> {
	const file = path.join(folder, name);
	const hash = createHash('sha256');
	const handle = await open(file, 'w');
	try {
		for (let written = 0; written < MEGABYTES; written += 10) {
			const chunk = randomBytes(10e6);
			hash.update(chunk);
			await handle.write(chunk);
		}
		await handle.sync();
	} finally {
		await handle.close();
	}
	return { file, digest: hash.digest('hex') };
}

async function copySynced(from: string, to: string): Promise<void> {
	await copyFile(from, to);
	const handle = await open(to, 'r+');
	await handle.sync();
	await handle.close();
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return (performance.now() - began) / 1000;
}

/** The server of a bucket as its own process, and what an API has to know of it. */
async function startBucket() {
	const child = spawn(process.execPath, [path.join(root, 'test/dist/support/s3-server.js')], {
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	const line = await new Promise<string>((resolve, reject) => {
		child.stdout.setEncoding('utf8').once('data', resolve);
		child.once('close', (code) => reject(new Error(`the server of the bucket ended with ${code}`)));
	});
	const { endpoint, bucket, account } = JSON.parse(line);
	return {
		env: {
			GRAFT_S3_BUCKET: bucket,
			GRAFT_S3_ENDPOINT: endpoint,
			AWS_ACCESS_KEY_ID: account.accessKeyId,
			AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
		},
		stop: () => child.stdin.end(),
	};
}
