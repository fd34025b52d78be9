import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { RESUME_CHECKPOINTS_KEPT } from '@graft/domain/artifact';
import { newId } from '@graft/runtime/id';

const HALF = '.part';
/** A run that nobody went on with here for so long is another worker's by now, or nobody's. */
const FORGOTTEN_AFTER_MS = 7 * 24 * 3_600_000;

/**
 * This machine's own copies of checkpoints: a run that comes back here goes on without a download, and a power cut costs
 * no more than the last few steps. One folder a run, one file a checkpoint, named by its sha256.
 */
export interface LocalCheckpoints {
	/** Stores a checkpoint so that it is there whole or not at all; of a run the newest ones stay. */
	write(runId: string, bytes: Uint8Array): Promise<void>;
	/** The bytes of this digest; null where they are not here, or not what they were. */
	read(runId: string, digest: string): Promise<Uint8Array | null>;
	/** The run needs none any more. */
	forget(runId: string): Promise<void>;
	/** Removes what was left behind by runs that ended elsewhere. `now` in milliseconds since the epoch. */
	clean(now: number): Promise<void>;
}

export function localCheckpoints(folder: string): LocalCheckpoints {
	const folderOf = (runId: string) => path.join(folder, runId);
	return {
		write: async (runId, bytes) => {
			const own = folderOf(runId);
			await mkdir(own, { recursive: true });
			await writeWhole(own, sha256(bytes), bytes);
			const old = (await newestFirst(own)).slice(RESUME_CHECKPOINTS_KEPT);
			for (const name of [...old, ...(await unfinished(own))]) await rm(path.join(own, name), { force: true });
		},
		read: async (runId, digest) => {
			const bytes = await readFile(path.join(folderOf(runId), digest)).catch(() => null);
			return bytes !== null && sha256(bytes) === digest ? new Uint8Array(bytes) : null;
		},
		forget: (runId) => rm(folderOf(runId), { recursive: true, force: true }),
		clean: async (now) => {
			for (const runId of await readdir(folder).catch(() => [])) {
				const { mtimeMs } = await stat(folderOf(runId));
				if (now - mtimeMs > FORGOTTEN_AFTER_MS) await rm(folderOf(runId), { recursive: true, force: true });
			}
		},
	};
}

/** Bytes and name reach the disk before the name is seen: a power cut leaves the file or nothing of it. */
async function writeWhole(folder: string, name: string, bytes: Uint8Array): Promise<void> {
	const half = path.join(folder, `${newId()}${HALF}`);
	try {
		const file = await open(half, 'wx');
		try {
			await file.writeFile(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(half, path.join(folder, name));
	} catch (error) {
		await rm(half, { force: true });
		throw error;
	}
	const directory = await open(folder, 'r');
	try {
		await directory.sync();
	} finally {
		await directory.close();
	}
}

async function newestFirst(folder: string): Promise<string[]> {
	const files = await Promise.all(
		(await readdir(folder))
			.filter(isWhole)
			.map(async (name) => ({ name, at: (await stat(path.join(folder, name))).mtimeMs })),
	);
	return files.sort((one, other) => other.at - one.at).map(({ name }) => name);
}

/** What a process had begun to write when it was killed: this one writes one file at a time. */
const unfinished = async (folder: string): Promise<string[]> =>
	(await readdir(folder)).filter((name) => !isWhole(name));

const isWhole = (name: string): boolean => !name.endsWith(HALF);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
