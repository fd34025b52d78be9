import { open } from 'node:fs/promises';
import { findMigrations, findTables, hasRows, withoutForeignKeys, writeRows } from '@graft/database/backup';
import type { Database, Session } from '@graft/database/connection';
import { DIGEST } from '@graft/domain/artifact';
import { GraftError } from '@graft/domain/error';
import type { ArtifactStore } from '../contract/artifact-store.js';
import { readEntries, type TarEntry } from './tar.js';
import { type BackedUp, type BackupHead, HEAD } from './write-backup.js';

/** Where the bytes of artifacts go; what comes is checked against its digest. */
export type WritableStore = Pick<ArtifactStore, 'put'>;

/** What makes a platform a used one. A trainer may have registered with it already. */
const USED = ['experiment', 'run', 'backbone', 'dataset'];

/**
 * Brings what `writeBackup` has written into an empty platform of the same schema: all of it or, of the database, nothing.
 * @throws GraftError DATA where the file is no whole backup; CONFIGURATION where it does not fit into this platform.
 */
export async function readBackup(
	{ database, store }: { readonly database: Database; readonly store: WritableStore },
	file: string,
): Promise<BackedUp> {
	const from = await open(file, 'r').catch((cause: Error) => {
		throw new GraftError('CONFIGURATION', `${file} cannot be read: ${cause.message}`, {}, { cause });
	});
	try {
		return await database.transaction(async (session) => {
			const tables = await findTables(session);
			if (await hasRows(session, USED))
				throw new GraftError(
					'CONFIGURATION',
					'This platform holds something already. Restore into an empty one: another --data, or another database.',
				);
			return withoutForeignKeys(session, () => readAll(session, tables, store, readEntries(from)));
		});
	} catch (error) {
		if (error instanceof GraftError) throw error;
		const message = error instanceof Error ? error.message : String(error);
		throw new GraftError('DATA', `${file} could not be restored: ${message}`, {}, { cause: error });
	} finally {
		await from.close();
	}
}

async function readAll(
	session: Session,
	tables: readonly string[],
	store: WritableStore,
	entries: AsyncIterable<TarEntry & { readonly content: AsyncIterable<Uint8Array> }>,
): Promise<BackedUp> {
	let head: BackupHead | null = null;
	let [rows, files, bytes] = [0, 0, 0];
	for await (const entry of entries) {
		if (head === null) {
			head = await readHead(session, entry);
			continue;
		}
		const [folder, name = ''] = entry.name.split('/');
		if (folder === 'tables' && tables.includes(name)) {
			const some = JSON.parse((await wholeOf(entry.content)).toString()) as readonly string[];
			await writeRows(session, name, some);
			rows += some.length;
		} else if (folder === 'artifacts' && DIGEST.test(name)) {
			await store.put({ digest: name, bytes: entry.bytes }, entry.content);
			files += 1;
			bytes += entry.bytes;
		} else throw new Error(`nobody knows what ${entry.name} is`);
	}
	if (head === null) throw new Error('it is empty');
	return { rows, files, bytes };
}

async function readHead(session: Session, entry: TarEntry & { readonly content: AsyncIterable<Uint8Array> }) {
	if (entry.name !== HEAD) throw new Error('it is no backup of Graft');
	const head = JSON.parse((await wholeOf(entry.content)).toString()) as BackupHead;
	const ours = await findMigrations(session);
	if (head.format === 1 && JSON.stringify(head.migrations) === JSON.stringify(ours)) return head;
	const last = head.migrations?.at(-1);
	const which = ours.includes(last ?? '') ? 'an older' : 'a newer';
	throw new GraftError(
		'CONFIGURATION',
		`This backup was made by ${which} Graft, whose schema ended with ${last}; ours ends with ${ours.at(-1)}. Restore it with the version that made it, and update then.`,
	);
}

async function wholeOf(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
	const chunks: Uint8Array[] = [];
	for await (const chunk of content) chunks.push(chunk);
	return Buffer.concat(chunks);
}
