import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '@graft/database/connection';
import { readBackup } from '../../backup/read-backup.js';
import { writeBackup } from '../../backup/write-backup.js';
import { createMemoryStore, type MemoryStore } from '../create-test-engine.js';

/** Brings a backup of one platform into another, empty one. */
export async function restoreInto(
	empty: Database,
	{ database, store }: { readonly database: Database; readonly store: MemoryStore },
): Promise<void> {
	const folder = await mkdtemp(path.join(tmpdir(), 'graft-model-'));
	try {
		const file = path.join(folder, 'graft.tar');
		await writeBackup({ database, store, now: new Date(0) }, file);
		await readBackup({ database: empty, store: createMemoryStore() }, file);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
