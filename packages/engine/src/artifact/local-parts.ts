import { constants, createReadStream } from 'node:fs';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { countParts } from '@graft/domain/artifact';
import type { ArtifactFile } from '../contract/artifact-store.js';
import type { Admitted } from './artifact-store.js';
import { checkedBytes } from './checked-bytes.js';
import { errorCode, syncDirectory, writeSynced } from './local-disk.js';

const DATA = 'data';

/**
 * Parts of a file that is on its way, on the local disk: one file of the final size in which each part is written at its
 * place, and an empty file `<number>.<sha256>` for each part that is there. All of it may be shared by several processes: a
 * part that two write at once is caught by the check of the whole.
 */
export interface LocalParts {
	/** `<number>.<sha256>` of the parts that are on the disk. */
	present(digest: string): Promise<ReadonlySet<string>>;
	write(admitted: Admitted & { readonly part: object }, source: AsyncIterable<Uint8Array>): Promise<void>;
	/** The assembled file, checked; null where parts are missing. @throws GraftError DATA, and then nothing is left. */
	assembled(file: ArtifactFile): Promise<string | null>;
	forget(digest: string): Promise<void>;
}

export const partName = ({ number, sha256 }: { number: number; sha256: string }): string => `${number}.${sha256}`;

export function localParts(incoming: string): LocalParts {
	const folderOf = (digest: string) => path.join(incoming, `${digest}.parts`);
	const present = async (digest: string): Promise<Set<string>> =>
		new Set((await readdir(folderOf(digest)).catch(() => [])).filter((name) => name !== DATA));
	const forget = (digest: string) => rm(folderOf(digest), { recursive: true, force: true });

	return {
		present,
		forget,
		write: async ({ file, part }, source) => {
			const folder = folderOf(file.digest);
			const name = `part ${part.number} of artifact ${file.digest}`;
			await mkdir(folder, { recursive: true });
			// What is written over is not there any more.
			for (const old of await present(file.digest)) {
				if (old.startsWith(`${part.number}.`)) await rm(path.join(folder, old), { force: true });
			}
			const handle = await open(path.join(folder, DATA), constants.O_RDWR | constants.O_CREAT, 0o644);
			try {
				await writeSynced(handle, part.offset, checkedBytes({ name, bytes: part.bytes, sha256: part.sha256 }, source));
			} finally {
				await handle.close();
			}
			await writeFile(path.join(folder, partName(part)), '');
			await syncDirectory(folder);
		},
		assembled: async (file) => {
			const numbers = new Set([...(await present(file.digest))].map((name) => Number.parseInt(name, 10)));
			if (numbers.size < countParts(file.bytes)) return null;
			const data = path.join(folderOf(file.digest), DATA);
			try {
				const name = `artifact ${file.digest}`;
				const checked = checkedBytes({ name, bytes: file.bytes, sha256: file.digest }, createReadStream(data, READ));
				for await (const _ of checked);
				return data;
			} catch (error) {
				if (errorCode(error) === 'ENOENT') return null; // Another process was faster.
				await forget(file.digest);
				throw error;
			}
		},
	};
}

const READ = { highWaterMark: 1024 * 1024 };

/** When something was last added to an entry of `incoming`, in milliseconds since the epoch; null: it is gone. */
export async function lastAddedTo(entry: string): Promise<number | null> {
	const [whole, data] = await Promise.all([entry, path.join(entry, DATA)].map((file) => stat(file).catch(() => null)));
	if (!whole) return null;
	return Math.max(whole.mtimeMs, data?.mtimeMs ?? 0);
}
