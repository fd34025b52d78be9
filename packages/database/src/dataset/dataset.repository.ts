import type { Dataset } from '@graft/domain/dataset';
import { In } from 'typeorm';
import { orGraftError } from '../connection/database-error.js';
import type { Session } from '../connection/index.js';
import { insertOnce } from '../connection/insert-once.js';
import { newestFirst } from '../connection/newest-first.js';
import { DatasetEntity } from './dataset.entity.js';

const toDataset = (row: DatasetEntity): Dataset => ({ ...row });

/** The dataset of this name after the call: the given one, or the one that had the name already. */
export async function insertDataset(session: Session, dataset: Omit<Dataset, 'createdAt'>): Promise<Dataset> {
	return toDataset(await insertOnce(session, DatasetEntity, dataset, { name: dataset.name }));
}

export async function findDataset(session: Session, by: { id?: string; name?: string }): Promise<Dataset | null> {
	const row = await orGraftError(
		session.manager.findOneBy(DatasetEntity, by.id === undefined ? { name: by.name } : { id: by.id }),
	);
	return row === null ? null : toDataset(row);
}

export async function findDatasets(session: Session, ids: readonly string[]): Promise<Dataset[]> {
	return (await orGraftError(session.manager.findBy(DatasetEntity, { id: In([...ids]) }))).map(toDataset);
}

export async function pageOfDatasets(session: Session, page: { first: number; after: string | null }) {
	const { rows, ...rest } = await newestFirst(session, DatasetEntity, page);
	return { ...rest, rows: rows.map(toDataset) };
}
