import { open, rename, rm } from 'node:fs/promises';
import { findMigrations, findTables, keepFiles, readOneMoment, readRows } from '@graft/database/backup';
import type { Database } from '@graft/database/connection';
import { GraftError } from '@graft/domain/error';
import type { ArtifactStore } from '../contract/artifact-store.js';
import { writeEnd, writeEntry } from './tar.js';

export const HEAD = 'graft-backup.json';

/** What the first file of a backup says of the rest. */
export interface BackupHead {
	readonly format: 1;
	readonly madeAt: string;
	/** The schema that the rows are of. */
	readonly migrations: readonly string[];
}

export interface BackedUp {
	readonly rows: number;
	readonly files: number;
	readonly bytes: number;
}

/** Where the bytes of artifacts are read from. */
export type ReadableStore = Pick<ArtifactStore, 'open'>;

/**
 * Writes the database and the files of all artifacts, as they are at one moment, into one tar archive. The platform may
 * run meanwhile: the rows come from one snapshot, contents never change, and until the end none is removed. The file is
 * there when it is whole.
 */
export async function writeBackup(
	{ database, store, now }: { readonly database: Database; readonly store: ReadableStore; readonly now: Date },
	file: string,
): Promise<BackedUp> {
	const half = `${file}.part`;
	const to = await open(half, 'w', 0o600);
	try {
		const done = await database.transaction(async (holder) => {
			await keepFiles(holder);
			return database.transaction(async (session) => {
				await readOneMoment(session);
				const head: BackupHead = { format: 1, madeAt: now.toISOString(), migrations: await findMigrations(session) };
				const text = Buffer.from(JSON.stringify(head));
				await writeEntry(to, { name: HEAD, bytes: text.length }, [text], now);
				let rows = 0;
				for (const table of await findTables(session)) {
					let part = 0;
					for await (const some of readRows(session, table)) {
						const json = Buffer.from(JSON.stringify(some));
						const name = `tables/${table}/${String(part++).padStart(8, '0')}.json`;
						await writeEntry(to, { name, bytes: json.length }, [json], now);
						rows += some.length;
					}
				}
				let [files, bytes] = [0, 0];
				const blobs = { name: '', text: 'SELECT digest FROM blob ORDER BY digest' };
				for (const { digest } of await session.query<{ digest: string }>(blobs)) {
					const opened = await store.open(digest);
					if (opened === null)
						throw new GraftError('DATA', `The artifact store has lost ${digest}: this backup would not be whole.`);
					await writeEntry(to, { name: `artifacts/${digest}`, bytes: opened.bytes }, opened.stream, now);
					files += 1;
					bytes += opened.bytes;
				}
				return { rows, files, bytes };
			});
		});
		await writeEnd(to);
		await to.sync();
		await to.close();
		await rename(half, file);
		return done;
	} catch (error) {
		await to.close().catch(() => undefined);
		await rm(half, { force: true });
		throw error;
	}
}
